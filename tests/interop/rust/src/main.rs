// SPDX-License-Identifier: Apache-2.0
//! hub-file REPO FILE: loads one file by the hf-hub crate, and prints how many bytes it has.
//!
//! The token is the one in HF_TOKEN; without that variable the crate takes the one in $HF_HOME/token, as it does
//! by itself. The Hub is the one in HF_ENDPOINT.

use hf_hub::api::sync::ApiBuilder;
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().collect();
    let [_, repo, file] = words.as_slice() else {
        return Err("usage: hub-file REPO FILE".into());
    };
    let mut builder = ApiBuilder::from_env().with_progress(false).with_endpoint(env::var("HF_ENDPOINT")?);
    if let Ok(token) = env::var("HF_TOKEN") {
        builder = builder.with_token(Some(token));
    }
    let path = builder.build()?.model(repo.clone()).get(file)?;
    println!("{}", fs::metadata(path)?.len());
    Ok(())
}
