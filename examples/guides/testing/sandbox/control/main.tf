# One call of the sandbox's control API: what happens outside of Terraform.
variable "url" {
  type = string
}

variable "method" {
  type    = string
  default = "POST"
}

variable "body" {
  type    = any
  default = {}
}

resource "terraform_data" "call" {
  provisioner "local-exec" {
    command = "curl --silent --show-error --fail --request \"$METHOD\" --data \"$BODY\" \"$URL\""

    environment = {
      METHOD = var.method
      BODY   = jsonencode(var.body)
      URL    = var.url
    }
  }
}
