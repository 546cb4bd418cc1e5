// Asks Codefresh's own validator about Git tokens, as a runtime's app-proxy is understood to ask it.
//
// Reads one JSON array of questions a line from standard input, and answers each with one line: an array of
// {runtime, user}, in the same order. Each is the message with which the validator refuses the token for that use, or ""
// if it takes it. A question is {provider, apiUrl, token, username, repository}: the provider by the validator's own
// name, and the clone URL of a repository at which writing is tried where the host tells no scopes.
//
// The first argument is the folder that scripts/validator prints.

import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';

const { getProviderByContext } = createRequire(path.join(process.argv[2], 'package.json'))(
  '@codefresh-io/cf-git-providers',
);

// What the two types of token have to be able to do, in the validator's own words. The app-proxy's lists are not
// public: these follow from what Codefresh documents for each type.
const abilities = {
  runtime: ['repo_read', 'repo_write', 'repo_create', 'admin_repo_hook'],
  user: ['repo_read', 'repo_write'],
};

// The validator leaves a clone behind for each push that it tries.
const clones = [];
const { randomUUID } = crypto;
crypto.randomUUID = (options) => {
  const id = randomUUID(options);
  clones.push(`/tmp/write-check-${id}`);
  return id;
};

async function ask(question, scopes) {
  const auth = {
    type: 'oauth2',
    apiUrl: question.apiUrl,
    apiURL: question.apiUrl,
    username: question.username || undefined,
    password: question.token,
  };
  try {
    const provider = getProviderByContext({ spec: { type: `git.${question.provider}`, data: { auth } } }, {});
    await provider.validateToken();
    if (!provider.skipPermissionsValidation().skip) {
      const repoUrl = provider.requiresRepoToCheckTokenScopes() ? question.repository : undefined;
      await provider.assertApiScopes({ scopes, repoUrl });
    }
    return '';
  } catch (refusal) {
    return refusal.message || String(refusal);
  }
}

async function answer(question) {
  const answers = {};
  for (const [type, scopes] of Object.entries(abilities)) {
    answers[type] = await ask(question, scopes);
  }
  return answers;
}

// So many at once: most of an answer's time is spent waiting.
const crowd = 16;

async function answerAll(questions) {
  const answers = new Array(questions.length);
  let next = 0;
  const work = async () => {
    while (next < questions.length) {
      const i = next++;
      answers[i] = await answer(questions[i]);
    }
  };
  await Promise.all(Array.from({ length: crowd }, work));
  return answers;
}

try {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answerAll(JSON.parse(line)))}\n`);
  }
} finally {
  for (const folder of clones) {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
