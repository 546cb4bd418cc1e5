package acceptance_test

import (
	"archive/zip"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// installation is a machine as the guide "Installing" finds it: with a release's files in one folder, a configuration
// in another, and no way to any registry.
type installation struct {
	t                                    *testing.T
	release, configuration, mirror, home string
	program                              string            // the provider, built
	printed                              string            // by `make install`
	blocks                               map[string]string // of the guide, indented or fenced, by heading and number
}

var installBlock = regexp.MustCompile("(?s)^(?:```hcl\n(.*?)```|((?:    [^\n]*\n)+))")

func newInstallation(t *testing.T) *installation {
	t.Helper()
	folder := t.TempDir()
	at := func(name string) string {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}

		return path
	}
	i := &installation{
		t: t, release: at("release"), configuration: at("configuration"), mirror: at("mirror"), home: at("home"),
		blocks: make(map[string]string),
	}
	heading, count := "", 0

	for _, paragraph := range strings.Split(readText(t, guidePages+"/installing.md"), "\n\n") {
		if title, ok := strings.CutPrefix(paragraph, "## "); ok {
			heading, count = title, 0
		}

		if found := installBlock.FindStringSubmatch(paragraph + "\n"); found != nil {
			count++
			text := cmp.Or(found[1], regexp.MustCompile(`(?m)^ {4}`).ReplaceAllString(found[2], ""))
			i.blocks[fmt.Sprintf("%s %d", heading, count)] = text
		}
	}

	terraform, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	if err == nil {
		err = os.Symlink(terraform, filepath.Join(at("bin"), "terraform"))
	}

	if err != nil {
		t.Fatal(err)
	}

	install := exec.CommandContext(t.Context(), "make", "--no-print-directory", "install", "VERSION=0.1.0")

	install.Dir, install.Env = root, append(os.Environ(), "GOBIN="+at("bin"), "MAKEFLAGS=")

	text, err := install.CombinedOutput()
	if err != nil {
		t.Fatalf("make install: %v\n%s", err, text)
	}

	i.printed, i.program = string(text), filepath.Join(folder, "bin", "terraform-provider-codefresh")

	return i
}

// pack makes the archive of a platform, as releases have it: the same bytes for the same licence.
func (i *installation) pack(platform, licence string) (name string) {
	i.t.Helper()

	name = "terraform-provider-codefresh_0.1.0_" + platform + ".zip"
	file, err := os.Create(filepath.Join(i.release, name))
	i.must(err)

	archive := zip.NewWriter(file)

	for _, inside := range []struct{ name, text string }{
		{"LICENSE", licence}, {"terraform-provider-codefresh_v0.1.0", readText(i.t, i.program)},
	} {
		header := &zip.FileHeader{Name: inside.name, Method: zip.Store}
		header.SetMode(0o755)
		w, err := archive.CreateHeader(header)
		i.must(err)
		_, err = w.Write([]byte(inside.text))
		i.must(err)
	}

	i.must(archive.Close())
	i.must(file.Close())

	return name
}

func (i *installation) must(err error) {
	i.t.Helper()

	if err != nil {
		i.t.Fatal(err)
	}
}

// block returns a block of the guide with this machine's folders in the place of the guide's.
func (i *installation) block(name string) string {
	i.t.Helper()

	text, ok := i.blocks[name]
	if !ok {
		i.t.Fatalf("the guide has no block %q", name)
	}

	delete(i.blocks, name)

	return strings.NewReplacer("/srv/terraform/providers", i.mirror, "/home/me/go/bin", filepath.Dir(i.program)).
		Replace(text)
}

func (i *installation) write(name, text string) {
	i.t.Helper()
	i.must(os.WriteFile(filepath.Join(i.configuration, name), []byte(text), 0o600))
}

// sh runs commands in a folder. Whatever asks a registry fails.
func (i *installation) sh(folder, commands string) (printed string, exit int) {
	i.t.Helper()
	command := exec.CommandContext(i.t.Context(), "sh", "-eu", "-c", commands)
	command.Dir = folder

	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "CODEFRESH_") {
			command.Env = append(command.Env, variable)
		}
	}

	command.Env = append(command.Env, "PATH="+filepath.Dir(i.program)+":"+os.Getenv("PATH"), "HOME="+i.home,
		"GNUPGHOME="+i.home, "HTTPS_PROXY=http://127.0.0.1:1", "CHECKPOINT_DISABLE=1", "TF_CLI_ARGS=-no-color",
		"TF_CLI_CONFIG_FILE="+filepath.Join(i.configuration, "terraformrc"))

	out, err := command.CombinedOutput()
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		i.t.Fatalf("running sh: %v", err)
	}

	return string(out), command.ProcessState.ExitCode()
}

// follow runs commands that end well.
func (i *installation) follow(folder, commands string) string {
	i.t.Helper()

	printed, exit := i.sh(folder, commands)
	if exit != 0 {
		i.t.Fatalf("%sexit code %d:\n%s", commands, exit, printed)
	}

	return printed
}

// Whoever follows the guide "Installing" gets the provider installed, without a network and with what was built here.
func TestInstallingGuide(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	host := runtime.GOOS + "_" + runtime.GOARCH

	var sums strings.Builder

	for _, platform := range slices.Compact(slices.Sorted(slices.Values([]string{host, "linux_amd64", "darwin_arm64"}))) {
		name := i.pack(platform, "The licence of "+platform)
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256([]byte(readText(t, filepath.Join(i.release, name)))), name)
	}

	sums.WriteString(strings.Repeat("0", 64) + "  terraform-provider-codefresh_0.1.0_manifest.json\n") // not downloaded

	const sumsName = "terraform-provider-codefresh_0.1.0_SHA256SUMS"
	i.must(os.WriteFile(filepath.Join(i.release, sumsName), []byte(sums.String()), 0o600))

	const registry, folder, checking, own = "From the registry", "Without access to the registry",
		"Checking what was downloaded", "A build of your own"

	layout := i.block(folder + " 1")
	i.follow(i.release, i.block(folder+" 2"))
	i.follow(i.release, i.block(folder+" 3"))
	i.write("terraformrc", i.block(folder+" 4"))
	i.write("main.tf", i.block(registry+" 1"))
	i.write("token.tf", block(runtimeToken, `token_name = "ci"`))

	if printed := i.follow(i.configuration, i.block(registry+" 2")); !strings.Contains(printed, "codefresh v0.1.0") {
		t.Errorf("not installed:\n%s", printed)
	}

	i.follow(i.configuration, i.block(folder+" 5"))
	i.checkLayout(layout)

	lock := filepath.Join(i.configuration, ".terraform.lock.hcl")
	before := strings.Count(readText(t, lock), `"h1:`)

	i.follow(i.configuration, i.block(folder+" 6"))

	if after := strings.Count(readText(t, lock), `"h1:`); before != 1 || after < 2 {
		t.Errorf("the lock file has %d checksums of packages, and had %d", after, before)
	}

	// The lock file holds on to what was installed.
	i.must(os.RemoveAll(filepath.Join(i.configuration, ".terraform")))
	other := i.pack(host, "Another licence")
	i.follow(i.release, fmt.Sprintf("for f in %s/*/codefresh-gitops/codefresh/%s; do cp %[2]s \"$f\"; done",
		i.mirror, other))

	if printed, exit := i.sh(i.configuration, "terraform init"); exit == 0 || !strings.Contains(printed, "checksums") {
		t.Errorf("another archive of the same version was installed: exit code %d\n%s", exit, printed)
	}

	// Of the archives, that one is no longer the one that was released.
	check := i.block(checking + " 1")

	verify, sum, _ := strings.Cut(check, "\n")
	if printed, exit := i.sh(i.release, sum); exit == 0 || !strings.Contains(printed, other+": FAILED") {
		t.Errorf("another archive passes for the released one: exit code %d\n%s", exit, printed)
	}

	i.pack(host, "The licence of "+host)

	if _, err := exec.LookPath("gpg"); err != nil {
		t.Log("there is no gpg here: the signature is not made and not checked")
		i.follow(i.release, sum)
	} else {
		i.follow(i.release, "gpg --batch --quiet --passphrase '' --quick-generate-key releases@example.com\n"+
			"gpg --batch --quiet --detach-sign "+sumsName)
		i.follow(i.release, check)
		i.follow(i.release, "echo >>"+sumsName)

		if printed, exit := i.sh(i.release, verify); exit == 0 {
			t.Errorf("the signature is good for other checksums:\n%s", printed)
		}
	}

	i.tryInSentences()

	// A build of one's own, installed by what the guide says, and by what `make install` prints.
	i.must(os.Remove(lock))
	_, settings, _ := strings.Cut(i.printed, "provider_installation {")

	validate := i.blocks[own+" 2"]
	for _, text := range []string{i.block(own + " 1"), "provider_installation {" + settings} {
		i.write("terraformrc", text)

		if printed := i.follow(i.configuration, validate); !strings.Contains(printed, "development overrides") ||
			!strings.Contains(printed, filepath.Dir(i.program)) {
			t.Errorf("with\n%sthe build is not used:\n%s", text, printed)
		}
	}

	delete(i.blocks, own+" 2")

	for name := range i.blocks {
		t.Errorf("nobody tried block %q", name)
	}
}

var installInSentence = regexp.MustCompile("`((?:gh|gpg|make|terraform|unzip)\\s[^`]+)`")

// tryInSentences tries the commands that the guide has in its sentences, where neither a registry nor GitHub is needed.
func (i *installation) tryInSentences() {
	i.t.Helper()

	for _, found := range installInSentence.FindAllStringSubmatch(readText(i.t, guidePages+"/installing.md"), -1) {
		command := words(found[1])
		switch program, rest, _ := strings.Cut(command, " "); {
		case program == "unzip":
			if _, err := exec.LookPath(program); err != nil {
				i.t.Log("there is no unzip here: the archive's program is not compared with the one that was built")

				continue
			}

			want := fmt.Sprintf("%x", sha256.Sum256([]byte(readText(i.t, i.program))))
			if printed := i.follow(i.release, command+"\n"); !strings.HasPrefix(printed, want+" ") {
				i.t.Errorf("%s prints %s, not %s", command, printed, want)
			}
		case strings.HasPrefix(rest, "providers mirror "): // asks the registry itself, whatever the settings say
			command = strings.ReplaceAll(command, "/srv/terraform/providers", i.mirror)
			if printed, exit := i.sh(i.configuration, command); exit == 0 || !strings.Contains(printed, "registry.") {
				i.t.Errorf("%s does not ask the registry: exit code %d\n%s", command, exit, printed)
			}
		case slices.Contains([]string{"terraform init", "make install"}, command): // tried by TestInstallingGuide
		case command == "gpg --import": // there the key is made, not downloaded
		case command == "make reproducible VERSION=0.1.0": // builds four times; CI does
		case strings.HasPrefix(command, "gh attestation verify terraform-provider-codefresh_0.1.0_"): // asks GitHub
		default:
			i.t.Errorf("nobody tried `%s`", command)
		}
	}
}

// checkLayout holds the mirror against what the guide says of its folders.
func (i *installation) checkLayout(layout string) {
	i.t.Helper()

	pattern := regexp.MustCompile("^" + strings.NewReplacer("HOST", `registry\.(terraform\.io|opentofu\.org)`,
		"NAMESPACE", "codefresh-gitops", "TYPE", "codefresh", "VERSION", `0\.1\.0`, "OS", "[a-z]+", "ARCH", "[a-z0-9]+",
	).Replace(strings.TrimSpace(layout)) + "$")

	found := filesBelow(i.t, i.mirror)
	for _, file := range found {
		if !pattern.MatchString(file) {
			i.t.Errorf("%s is not where the guide says: %s", file, pattern)
		}
	}

	if len(found) < 4 {
		i.t.Errorf("the mirror holds %v only", found)
	}
}
