//! Fields that are one opaque value each, and what they hold.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};

use sprag::path;
use sprag::prelude::*;

/// A type of another crate: no `Model`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Foreign(u8);

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Server {
    #[model(leaf)]
    peers: Vec<Foreign>,
    #[model(leaf)]
    queue: VecDeque<Foreign>,
    #[model(leaf)]
    pair: [Foreign; 2],
    #[model(leaf)]
    best: Option<Foreign>,
    #[model(leaf)]
    by_name: HashMap<String, Foreign>,
    #[model(leaf)]
    deep: BTreeMap<u8, Vec<Option<Foreign>>>,
    #[model(leaf)]
    members: HashSet<Foreign>,
    after: u8,
}

fn server() -> Model<Server> {
    create_model("server", Server::default())
}

#[test]
fn a_list_of_foreign_values_has_elements() {
    let server = server();
    server.push(Server::PATHS.peers, Foreign(2));
    server.extend(Server::PATHS.peers, [Foreign(3), Foreign(1)]);
    server.sort(Server::PATHS.peers);
    assert_eq!(server.insert_at(Server::PATHS.peers, 0, Foreign(0)), None);
    assert_eq!(server.get(Server::PATHS.peers.at(1)), Some(Foreign(1)));
    assert_eq!(server.set(Server::PATHS.peers.at(1), Foreign(9)), Ok(Foreign(1)));
    assert!(server.set(Server::PATHS.peers.at(4), Foreign(9)).is_err());
    assert_eq!(server.select(Server::PATHS.peers.len()), 4);
    assert_eq!(server.pop(Server::PATHS.peers), Some(Foreign(3)));
    assert_eq!(server.remove(Server::PATHS.peers, 0), Some(Foreign(0)));
    server.retain(Server::PATHS.peers, |peer| peer.0 == 9);
    assert_eq!(server.snapshot().peers, [Foreign(9)]);
    assert_eq!(server.set(Server::PATHS.pair.at(1), Foreign(5)), Ok(Foreign(0)));
}

#[test]
fn an_option_and_a_map_of_foreign_values_have_content() {
    let server = server();
    assert_eq!(server.get(Server::PATHS.best.some()), None);
    assert!(server.set(Server::PATHS.best.some(), Foreign(1)).is_err());
    server.set(Server::PATHS.best, Some(Foreign(1)));
    assert_eq!(server.set(Server::PATHS.best.some(), Foreign(2)), Ok(Foreign(1)));
    assert_eq!(server.insert(Server::PATHS.by_name, "ann", Foreign(3)), None);
    assert_eq!(server.get(Server::PATHS.by_name.key("ann")), Some(Foreign(3)));
    assert_eq!(server.select(Server::PATHS.by_name.keys()).len(), 1);
    assert!(server.select(Server::PATHS.by_name.contains("ann")));
    assert!(server.add(Server::PATHS.members, Foreign(4)));
    assert_eq!(server.get(path!(Server.by_name["ann"])), Some(Foreign(3)));
}

#[test]
fn opaque_values_lead_on_to_any_depth() {
    let server = server();
    server.insert(Server::PATHS.deep, 7, vec![None, Some(Foreign(1))]);
    let deep = Server::PATHS.deep.key(7).at(1).some();
    assert_eq!(server.get(deep), Some(Foreign(1)));
    assert_eq!(server.push(Server::PATHS.deep.key(7), Some(Foreign(2))), Ok(()));
    assert_eq!(server.get(Server::PATHS.deep.key(7).at(2).some()), Some(Foreign(2)));
    assert_eq!(deep.to_string(), "deep.7.1");
}

#[test]
fn subscribers_learn_of_the_entry_they_watch() {
    let server = server();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = |name: &'static str| {
        let seen = Arc::clone(&seen);
        move |value: Option<&Foreign>| seen.lock().unwrap().push((name, value.cloned()))
    };
    let (first, best, after) = (note("first"), note("best"), note("after"));
    let _first = server.subscribe(Server::PATHS.peers.at(0), move |value, _| first(value));
    let _best = server.subscribe(Server::PATHS.best.some(), move |value, _| best(value));
    let _after = server.subscribe(Server::PATHS.after, move |value: &u8, _| {
        after(Some(&Foreign(*value)));
    });
    server.push(Server::PATHS.peers, Foreign(1));
    server.push(Server::PATHS.peers, Foreign(2));
    server.set(Server::PATHS.best, Some(Foreign(3)));
    server.set(Server::PATHS.best.some(), Foreign(4)).unwrap();
    server.set(Server::PATHS.best, None);
    assert_eq!(
        *seen.lock().unwrap(),
        [
            ("first", Some(Foreign(1))),
            ("best", Some(Foreign(3))),
            ("best", Some(Foreign(4))),
            ("best", None),
        ]
    );
}
