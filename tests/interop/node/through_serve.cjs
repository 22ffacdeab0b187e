// SPDX-License-Identifier: Apache-2.0
// through_serve.cjs FILE REPO...: one program that loads from repositories of different accounts, and asks one
// `hftoken serve` before each request. hftoken-serve(1) is the specification of what the two say to each other.
"use strict";

const { spawn } = require("node:child_process");
const { createHash } = require("node:crypto");
const readline = require("node:readline");
const hub = require("@huggingface/hub");

/** Asks one hftoken for as long as this object is there. */
class Tokens {
    constructor() {
        this.process = spawn("hftoken", ["serve"], { stdio: ["pipe", "pipe", "inherit"] });
        this.lines = readline.createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
        this.count = 0;
        this.last = this.read().then((hello) => {
            if (hello.hello !== "hftoken" || !hello.versions.includes(1)) {
                throw new Error("this hftoken speaks another version");
            }
        });
    }

    async read() {
        const { done, value } = await this.lines.next();
        if (done) {
            throw new Error("hftoken has ended");
        }
        return JSON.parse(value);
    }

    /** Answers come in the order of the requests. */
    ask(request) {
        this.process.stdin.write(JSON.stringify({ v: 1, id: ++this.count, ...request }) + "\n");
        this.last = this.last.then(() => this.read());
        return this.last;
    }

    /** fetch() with the token that belongs to the URL, and with none where none is to go. */
    fetch = async (url, init = {}) => {
        const { ok, error } = await this.ask({ kind: "get", url: String(url), operation: "read" });
        const headers = new Headers(init.headers);
        if (ok) {
            headers.set("Authorization", "Bearer " + ok.secret);
        } else if (!["not-mine", "no-token"].includes(error.kind)) {
            throw new Error(error.message);
        }
        return fetch(url, { ...init, headers });
    };

    close() {
        this.process.stdin.end();
    }
}

async function main([path, ...repos]) {
    const tokens = new Tokens();
    const found = {};
    try {
        await Promise.all(repos.map(async (repo) => {
            const how = { repo, path, hubUrl: process.env.HF_ENDPOINT, fetch: tokens.fetch, xet: false };
            const blob = await hub.downloadFile(how);
            const data = Buffer.from(await blob.arrayBuffer());
            found[repo] = createHash("sha256").update(data).digest("hex");
        }));
    } finally {
        tokens.close();
    }
    console.log(JSON.stringify(found));
}

main(process.argv.slice(2)).catch((error) => {
    console.error(String(error));
    process.exitCode = 1;
});
