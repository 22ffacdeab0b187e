// SPDX-License-Identifier: Apache-2.0
// download.cjs REPO FILE: as programs with @huggingface/hub load a file. `hftoken run` gives the token in HF_TOKEN.
"use strict";

const { createHash } = require("node:crypto");
const hub = require("@huggingface/hub");

async function main([repo, path]) {
    const hubUrl = process.env.HF_ENDPOINT;
    const how = { repo, hubUrl, accessToken: process.env.HF_TOKEN };
    const files = [];
    for await (const file of hub.listFiles(how)) {
        files.push(file.path);
    }
    const exists = await hub.fileExists({ ...how, path });
    const blob = await hub.downloadFile({ ...how, path, xet: false });
    const data = Buffer.from(await blob.arrayBuffer());
    const sha256 = createHash("sha256").update(data).digest("hex");
    console.log(JSON.stringify({ files, exists, sha256 }));
}

main(process.argv.slice(2)).catch((error) => {
    console.error(String(error));
    process.exitCode = 1;
});
