//! The contestants: each is a derive and the crates that it needs, at the versions that
//! `suite/Cargo.toml` pins.

use bench_harness::Role;

/// A way to write the same structs or services.
#[derive(Debug)]
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    /// The name of its crate.
    pub(crate) krate: &'static str,
    pub(crate) role: Role,
    /// Its lines under `[dependencies]`; `{sprag}` is the folder of sprag.
    pub(crate) dependencies: &'static str,
    pub(crate) kind: Kind,
}

/// The source text of a contestant.
#[derive(Debug)]
pub(crate) enum Kind {
    /// 100 structs.
    Structs {
        /// Lines above the structs.
        imports: &'static str,
        /// The derives beside `Clone`, `Debug`, `Default` and `PartialEq`.
        derives: &'static str,
        /// A `main` that sets and reads one place of each outer struct.
        main: Main,
    },
    /// 100 services: plain ones, or with `#[service]` in an app.
    Services { plain: bool },
}

/// A program: the frame, and the code for each outer struct, such as `Outer7`.
#[derive(Debug)]
pub(crate) struct Main {
    /// Before the uses.
    pub(crate) open: &'static str,
    /// Once for each; `{Outer}` is the struct's name.
    pub(crate) each: &'static str,
    /// After the uses.
    pub(crate) close: &'static str,
}

const FN_MAIN: &str = "fn main() {\n    let n = std::env::args().count() as u64;\n";

/// 100 structs, each with the same fields.
pub(crate) const STRUCTS: &[Contestant] = &[
    Contestant {
        name: "plain structs",
        krate: "plain",
        role: Role::Floor,
        dependencies: "parking_lot = \"=0.12.5\"\n",
        kind: Kind::Structs {
            imports: "",
            derives: "",
            main: Main {
                open: FN_MAIN,
                each: "    let cell = parking_lot::RwLock::new({Outer}::default());\n    \
                       cell.write().inner.id = n;\n    \
                       println!(\"{}\", cell.read().inner.id);\n",
                close: "}\n",
            },
        },
    },
    Contestant {
        name: "serde, both derives",
        krate: "with_serde",
        role: Role::Peer,
        dependencies: "serde = { version = \"1\", features = [\"derive\"] }\n\
                       serde_json = \"1\"\n",
        kind: Kind::Structs {
            imports: "use serde::{Deserialize, Serialize};\n",
            derives: ", Deserialize, Serialize",
            main: Main {
                open: FN_MAIN,
                each: "    let mut outer = {Outer}::default();\n    \
                       outer.inner.id = n;\n    \
                       let json = serde_json::to_string(&outer).unwrap();\n    \
                       let outer: {Outer} = serde_json::from_str(&json).unwrap();\n    \
                       println!(\"{}\", outer.inner.id);\n",
                close: "}\n",
            },
        },
    },
    Contestant {
        name: "sprag, `Model`",
        krate: "with_sprag",
        role: Role::Sprag,
        dependencies: "sprag = { path = \"{sprag}\" }\n",
        kind: Kind::Structs {
            imports: "use sprag::Model;\n",
            derives: ", Model",
            main: Main {
                open: FN_MAIN,
                each: "    let model = sprag::create_model(\"outer\", {Outer}::default());\n    \
                       model.set({Outer}::PATHS.inner.id, n);\n    \
                       println!(\"{}\", model.get({Outer}::PATHS.inner.id));\n",
                close: "}\n",
            },
        },
    },
    Contestant {
        name: "reactive_stores, `Store`",
        krate: "with_reactive_stores",
        role: Role::Peer,
        dependencies: REACTIVE,
        kind: Kind::Structs {
            imports: "use reactive_stores::Store;\n",
            derives: ", Store",
            main: REACTIVE_MAIN,
        },
    },
    Contestant {
        name: "reactive_stores, `Store` and `Patch`",
        krate: "with_reactive_patch",
        role: Role::Peer,
        dependencies: REACTIVE,
        kind: Kind::Structs {
            imports: "use reactive_stores::{Patch, Store};\n",
            derives: ", Patch, Store",
            main: REACTIVE_MAIN,
        },
    },
    Contestant {
        name: "dioxus-stores, `Store`",
        krate: "with_dioxus_stores",
        role: Role::Peer,
        dependencies: "dioxus-core = \"=0.7.10\"\ndioxus-signals = \"=0.7.10\"\n\
                       dioxus-stores = \"=0.7.10\"\n",
        kind: Kind::Structs {
            imports: "use dioxus_stores::Store;\n",
            derives: ", Store",
            main: Main {
                open: "use dioxus_core::{ScopeId, VNode, VirtualDom};\n\
                       use dioxus_signals::{ReadableExt, WritableExt};\nuse dioxus_stores::Store;\n\n\
                       fn main() {\n    let n = std::env::args().count() as u64;\n    \
                       let dom = VirtualDom::new(VNode::empty);\n    \
                       dom.in_scope(ScopeId::ROOT, || {\n",
                each: "    let store = Store::new({Outer}::default());\n    \
                       store.inner().id().set(n);\n    \
                       println!(\"{}\", store.inner().id().cloned());\n",
                close: "    });\n}\n",
            },
        },
    },
];

const REACTIVE: &str = "reactive_graph = \"=0.2.16\"\nreactive_stores = \"=0.4.4\"\n";

const REACTIVE_MAIN: Main = Main {
    open: "use reactive_graph::traits::{GetUntracked, Set};\nuse reactive_stores::ArcStore;\n\n\
           fn main() {\n    let n = std::env::args().count() as u64;\n",
    each: "    let store = ArcStore::new({Outer}::default());\n    \
           store.clone().inner().id().set(n);\n    \
           println!(\"{}\", store.inner().id().get_untracked());\n",
    close: "}\n",
};

/// 100 services in ten chains.
pub(crate) const SERVICES: &[Contestant] = &[
    Contestant {
        name: "plain structs with the same methods",
        krate: "plain_services",
        role: Role::Floor,
        dependencies: "tokio = { version = \"1\", features = [\"full\"] }\n",
        kind: Kind::Services { plain: true },
    },
    Contestant {
        name: "sprag, `#[service]` and `app!`",
        krate: "sprag_services",
        role: Role::Sprag,
        dependencies: "sprag = { path = \"{sprag}\" }\n\
                       tokio = { version = \"1\", features = [\"full\"] }\n",
        kind: Kind::Services { plain: false },
    },
];
