//! W1: the types in TypeScript are exact.
//!
//! Files in the client's tests are written from the fixtures here: their types, and
//! values of them as serde writes them. The client's tests have the compiler check that
//! each value is a literal of its type. `SPRAG_TYPES=write` writes the files.

mod fixtures;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sprag::prelude::*;
use sprag_web::Types;

use fixtures::{Fixture, Tv};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("client/test/types").join(name)
}

fn types() -> Types {
    Types::new().import("../../src/index.ts")
}

#[test]
fn w1_the_types_of_a_store_are_those_in_the_clients_tests() {
    types().store::<Tv>("tv").check(file("tv.gen.ts")).expect("the file");
}

#[test]
fn w1_the_types_of_the_readme_are_those_that_the_compiler_checks() {
    types().store::<fixtures::readme::Tv>("tv").check(file("readme.gen.ts")).expect("the file");
}

#[test]
fn w1_the_types_of_every_shape_are_those_that_the_compiler_checks() {
    types().store::<Fixture>("fixture").check(file("fixture.gen.ts")).expect("the file");
    let mut text = String::from(
        "/* Written by the tests of sprag-web; do not edit. */\n\n\
         import type { Fixture } from \"./fixture.gen.ts\";\n\n\
         export const values: Fixture[] = [\n",
    );
    for value in fixtures::values() {
        let json = serde_json::to_string(&value).expect("a value");
        writeln!(text, "  {json},").expect("a string takes all");
    }
    text.push_str("];\n");
    let path = file("fixture.values.ts");
    if std::env::var("SPRAG_TYPES").is_ok_and(|wish| wish == "write") {
        std::fs::write(&path, &text).expect("the file");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "`{}` is not up to date; run with SPRAG_TYPES=write", path.display());
}

#[test]
fn w1_a_value_of_unknown_form_is_refused_in_a_sentence() {
    #[derive(Model, Serialize)]
    struct House {
        #[serde(serialize_with = "as_text")]
        port: u16,
        #[serde(serialize_with = "as_text")]
        #[model(ts = "string")]
        number: u16,
        #[serde(serialize_with = "as_text")]
        #[model(browser = "never")]
        pin: u16,
    }

    fn as_text<S: serde::Serializer>(number: &u16, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(number)
    }

    let error = Types::new().store::<House>("house").text().expect_err("a refusal");
    let expected = "the form in which serde writes `House.port` (`u16`) is unknown; name its type in \
                    TypeScript with `#[model(ts = \"…\")]`, or hide it with \
                    `#[model(browser = \"never\")]`";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn w5_nothing_of_a_hidden_place_is_in_the_file() {
    let text = types().store::<Tv>("tv").text().expect("the text");
    for secret in ["api_key", "apiKey", "token", "Account"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn w1_the_client_is_imported_from_where_the_page_has_it() {
    let text = |types: Types| types.store::<Tv>("tv").text().expect("the text");
    assert!(text(Types::new()).contains("store } from \"sprag\";"));
    assert!(text(types()).contains("store } from \"../../src/index.ts\";"));
}

#[test]
fn w1_a_file_that_differs_is_an_error_that_says_how_to_write_it() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("tv.gen.ts");
    let types = types().store::<Tv>("tv");
    let check = || types.check(&path).map_err(|error| error.to_string());
    let expected = format!("`{}` is not up to date; run with SPRAG_TYPES=write", path.display());
    assert_eq!(check(), Err(expected.clone()), "there is no file");
    std::fs::write(&path, "another text").expect("the folder is there");
    assert_eq!(check(), Err(expected));
    std::fs::write(&path, types.text().expect("the text")).expect("the folder is there");
    assert_eq!(check(), Ok(()));
}
