// Uses the server at the address that is named as GitHub's own client would use GitHub.
// The second argument is where npm put the client.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";

const [baseUrl, place] = process.argv.slice(2);
const found = createRequire(`${place}/package.json`).resolve("@octokit/rest");
const { Octokit } = await import(pathToFileURL(found));
const octokit = new Octokit({ auth: "ghp_0123456789abcdef", baseUrl });
const at = { owner: "octo", repo: "pond" };

const issues = await octokit.paginate(octokit.rest.issues.listForRepo, { ...at, state: "open" });
assert.deepEqual(issues.map((issue) => issue.number), [1, 2]);
const issue = { ...at, issue_number: 1 };
await octokit.rest.issues.addLabels({ ...issue, labels: ["bug"] });
await octokit.rest.issues.createComment({ ...issue, body: "Thank you" });
const { data: comments } = await octokit.rest.issues.listComments(issue);
assert.equal(comments.at(-1).body, "Thank you");
await octokit.rest.issues.update({ ...issue, state: "closed" });
const { data } = await octokit.rest.issues.get(issue);
assert.equal(data.state, "closed");
assert.equal(data.labels.at(-1).name, "bug");
await assert.rejects(octokit.rest.issues.get({ ...at, issue_number: 99 }), { status: 404 });
const stranger = new Octokit({ auth: "ghp_somebody_else", baseUrl });
await assert.rejects(stranger.rest.issues.get(issue), { status: 401 });
