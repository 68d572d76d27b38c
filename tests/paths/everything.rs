//! Unusual parts of users' domain structs.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use sprag::path::Path;
use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Folder {
    name: String,
    parent: Option<Arc<Folder>>,
    boxed: Option<Box<Folder>>,
    children: Vec<Folder>,
    queue: VecDeque<Folder>,
    by_name: HashMap<String, Folder>,
    sorted: BTreeMap<u8, Arc<Folder>>,
}

/// A field that is configured away has no path; the other fields keep theirs.
#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Configured {
    first: u8,
    #[cfg(not(test))]
    gone: ThereIsNoSuchType,
    #[cfg(test)]
    #[model(rename = "kept")]
    here: u8,
}

#[derive(Model, Clone, Debug, PartialEq)]
enum Choice {
    #[cfg(not(test))]
    Gone(ThereIsNoSuchType),
    Here {
        #[cfg(not(test))]
        gone: ThereIsNoSuchType,
        #[cfg(test)]
        at: u64,
    },
}

/// Names that the generated code uses.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[allow(non_snake_case)]
struct Named {
    PATHS: u8,
    NamedPaths: u8,
    NamedPatch: u8,
    path: u8,
    path_: u8,
    patch: u8,
    __p: u8,
    State: u8,
}

#[derive(Model, Clone, Debug, PartialEq)]
struct Borrowed {
    title: &'static str,
    #[model(leaf)]
    text: std::borrow::Cow<'static, str>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Bounded<T, const N: usize = 3>
where
    T: Clone + Default + PartialEq,
    [T; N]: Default,
{
    all: [T; N],
    one: Option<T>,
}

#[test]
fn recursion_through_pointers_and_collections_ends_the_tree() {
    let folder = create_model("folder", Folder::default());
    let root = Folder { name: "root".into(), ..Folder::default() };
    folder.set(Folder::PATHS.parent, Some(Arc::new(root.clone())));
    folder.set(Folder::PATHS.boxed, Some(Box::new(root.clone())));
    folder.push(Folder::PATHS.children, root.clone());
    folder.push(Folder::PATHS.queue, root.clone());
    folder.insert(Folder::PATHS.by_name, "root", root.clone());
    folder.insert(Folder::PATHS.sorted, 1, Arc::new(root.clone()));

    let name = Folder::PATHS.name;
    let parent = Folder::PATHS.parent.some().deref().then(name);
    assert_eq!(folder.get(parent).as_deref(), Some("root"));
    assert_eq!(folder.get(Folder::PATHS.children.at(0).then(name)).as_deref(), Some("root"));
    assert_eq!(folder.get(Folder::PATHS.by_name.key("root").then(name)).as_deref(), Some("root"));
    folder.set(parent, "top".into()).unwrap();
    assert_eq!(folder.get(parent).as_deref(), Some("top"));
}

#[test]
fn fields_that_are_configured_away_leave_no_path() {
    let configured = create_model("configured", Configured::default());
    configured.set(Configured::PATHS.here, 2);
    configured.patch(ConfiguredPatch::new().first(1).here(3));
    assert_eq!(configured.get(Configured::PATHS.path()), Configured { first: 1, here: 3 });
    assert_eq!(Configured::PATHS.here.to_string(), "kept");

    let choice = create_model("choice", Choice::Here { at: 1 });
    choice.set(Choice::PATHS.here.at, 2).unwrap();
    assert_eq!(choice.get(Choice::PATHS.here.at), Some(2));
}

#[test]
fn fields_may_have_the_names_of_generated_items() {
    let named = create_model("named", Named::default());
    named.set(Named::PATHS.PATHS, 1);
    named.set(Named::PATHS.path, 2);
    named.patch(NamedPatch::new().NamedPaths(3).NamedPatch(4).path_(5).__p(6).State(7));
    let expected = Named {
        PATHS: 1,
        NamedPaths: 3,
        NamedPatch: 4,
        path: 2,
        path_: 5,
        patch: 0,
        __p: 6,
        State: 7,
    };
    assert_eq!(named.get(Named::PATHS.path()), expected);
}

#[test]
fn a_static_value_may_be_borrowed() {
    let borrowed = create_model("borrowed", Borrowed { title: "Alien", text: "1979".into() });
    borrowed.set(Borrowed::PATHS.title, "Aliens");
    borrowed.set(Borrowed::PATHS.text, "1986".into());
    assert_eq!(*borrowed.snapshot(), Borrowed { title: "Aliens", text: "1986".into() });
}

#[test]
fn bounds_where_clauses_and_defaults_of_parameters_hold() {
    const ONE: Path<Bounded<u8>, Option<u8>> = Bounded::<u8>::PATHS.one;
    let bounded = create_model("bounded", Bounded::<u8>::default());
    bounded.set(ONE, Some(3));
    bounded.set(Bounded::<u8>::PATHS.all, [1, 2, 3]);
    assert_eq!(bounded.get(Bounded::<u8>::PATHS.all.at(2)), Some(3));
    assert_eq!(bounded.get(ONE), Some(3));
}
