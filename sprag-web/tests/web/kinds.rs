//! W5: hidden places inside of each kind of value.

use std::collections::BTreeMap;
use std::panic::catch_unwind;

use serde::ser::Error;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use sprag::prelude::*;
use sprag_web::{Stores, store};

use crate::rights::{User, user};
use crate::support::Server;

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Internal {
    Closed,
    By(User),
    With {
        code: u8,
        #[serde(default)]
        #[model(browser = "never")]
        pin: String,
    },
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value")]
enum Adjacent {
    Closed,
    By(User),
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
struct Tagged {
    user: User,
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kinds {
    maybe: Option<User>,
    pair: (User, u8),
    two: [User; 2],
    boxed: Box<User>,
    named: BTreeMap<String, User>,
    internal: Vec<Internal>,
    adjacent: Vec<Adjacent>,
    tagged: Tagged,
}

fn someone(name: &str) -> User {
    user(name, "SECRET")
}

fn kinds() -> Kinds {
    Kinds {
        maybe: Some(someone("a")),
        pair: (someone("b"), 1),
        two: [someone("c"), someone("d")],
        boxed: Box::new(someone("e")),
        named: [("x".to_owned(), someone("f"))].into(),
        internal: vec![
            Internal::Closed,
            Internal::By(someone("g")),
            Internal::With { code: 1, pin: "SECRET".into() },
        ],
        adjacent: vec![Adjacent::Closed, Adjacent::By(someone("h"))],
        tagged: Tagged { user: someone("j") },
    }
}

fn kinds_without_people() -> Kinds {
    let nobody = User::default;
    Kinds {
        pair: (nobody(), 0),
        two: [nobody(), nobody()],
        internal: Vec::new(),
        adjacent: Vec::new(),
        ..kinds()
    }
}

fn shown() -> Value {
    let name = |name| json!({ "name": name });
    json!({
        "maybe": name("a"),
        "pair": [name("b"), 1],
        "two": [name("c"), name("d")],
        "boxed": name("e"),
        "named": { "x": name("f") },
        "internal": [
            { "kind": "Closed" },
            { "kind": "By", "name": "g" },
            { "kind": "With", "code": 1 },
        ],
        "adjacent": [{ "kind": "Closed" }, { "kind": "By", "value": name("h") }],
        "tagged": { "type": "Tagged", "user": name("j") },
    })
}

#[tokio::test]
async fn w5_a_hidden_place_is_in_no_state_and_in_no_frame_whatever_is_around_it() {
    let model = store("kinds", kinds());
    let server = Server::start(Stores::new().add(&model)).await;
    let mut events = server.stream("s=kinds").await;
    assert_eq!(events.expect("snap").await["state"], shown());
    // The frame of one commit of each kind has the value that a page may see.
    macro_rules! again {
        ($($field:ident)*) => {$(
            let now = kinds().$field;
            drop(model.set(Kinds::PATHS.$field, kinds_without_people().$field));
            events.expect("change").await;
            drop(model.set(Kinds::PATHS.$field, now));
            let frame = events.expect("change").await;
            let field = stringify!($field);
            assert_eq!(frame["ops"], json!([["=", [field], shown()[field]]]), "{frame}");
        )*};
    }
    again! { internal adjacent two pair }
    assert_eq!(*model.snapshot(), kinds());
    // The server reads what it hides.
    let internal = model.get(Kinds::PATHS.internal.at(1).then(Internal::PATHS.by.0));
    let adjacent = model.get(Kinds::PATHS.adjacent.at(1).then(Adjacent::PATHS.by.0));
    assert_eq!((internal, adjacent), (Some(someone("g")), Some(someone("h"))));
}

/// A struct with a secret that its own `Serialize` writes in the given form.
macro_rules! written {
    ($($name:ident: |$value:ident, $serializer:ident| $form:expr;)*) => {$(
        #[derive(Model, Clone, Debug, Default, PartialEq, Deserialize)]
        struct $name {
            name: String,
            #[serde(default)]
            #[model(browser = "never")]
            key: String,
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, $serializer: S) -> Result<S::Ok, S::Error> {
                let $value = self;
                $form.map_err(S::Error::custom)
            }
        }
    )*};
}

written! {
    AsList: |value, serializer| [&value.name, &value.key].serialize(serializer);
    AsText: |value, serializer| format!("{} {}", value.name, value.key).serialize(serializer);
}

/// An enum that its own `Serialize` writes under another name than a variant's.
#[derive(Model, Clone, Debug, PartialEq, Deserialize)]
enum Renamed {
    At {
        #[serde(default)]
        #[model(browser = "never")]
        key: String,
    },
}

impl Serialize for Renamed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self::At { key } = self;
        json!({ "There": { "key": key } }).serialize(serializer)
    }
}

/// Why a type cannot be a store.
fn refusal(make: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = catch_unwind(make).expect_err("the type may show its secret");
    let text = panic.downcast_ref::<String>().cloned();
    text.unwrap_or_else(|| panic.downcast_ref::<&str>().expect("a text").to_string())
}

#[test]
fn w5_a_secret_that_is_written_in_another_form_names_the_form() {
    let (name, key) = ("a".to_owned(), "SECRET".to_owned());
    let list = AsList { name: name.clone(), key: key.clone() };
    let text = AsText { name, key: key.clone() };
    let cases = [
        (refusal(|| drop(store("list", list))), "an array"),
        (refusal(|| drop(store("text", text))), "a single value"),
        (refusal(|| drop(store("enum", Renamed::At { key }))), "an object with a member"),
    ];
    for (refusal, form) in cases {
        assert!(refusal.contains(&format!("is written as {form}")), "{refusal}");
        assert!(!refusal.contains("SECRET"), "{refusal}");
    }
}
