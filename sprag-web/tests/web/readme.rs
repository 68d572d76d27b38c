//! The store on the first page of the README, compiled.

use axum::Router;
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_web::Stores;

#[test]
#[rustfmt::skip]
fn the_store_of_the_readme_compiles() {
    // README
    #[derive(Model, Clone, Default, Serialize, Deserialize)]
    struct Tv {
        url: Option<String>,
        #[model(browser = "write")]
        volume: u8,
    }

    let tv = sprag_web::store("tv", Tv::default());
    let stores = Stores::new().add(&tv);
    let app = Router::new().nest("/sprag", stores.router());

    tv.set(Tv::PATHS.url, Some("alien.mp4".into()));
    // README
    let _served: Router = app;
    assert_eq!(tv.snapshot().url.as_deref(), Some("alien.mp4"));
    let lines = include_str!("readme.rs").lines().map(|line| line.strip_prefix("    ").unwrap_or(line));
    let shown: Vec<&str> = lines.skip_while(|line| *line != "// README").skip(1).collect();
    let block = shown.split(|line| *line == "// README").next().unwrap().join("\n");
    assert!(include_str!("../../../README.md").contains(&format!("```rust,ignore\n{block}\n```")), "{block}");
}
