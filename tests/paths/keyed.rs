//! Paths through keys and indices, and their composition.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Town {
    users: HashMap<u32, User>,
    named: BTreeMap<String, User>,
    mayor: Option<User>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct User {
    addresses: Vec<Address>,
    age: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Address {
    city: String,
}

fn user(city: &str) -> User {
    User { addresses: vec![Address { city: city.to_owned() }], age: 30 }
}

#[test]
fn keys_and_indices_compose_to_any_depth() {
    let town = create_model("town", Town::default());
    let city = Town::PATHS.users.key(7).then(User::PATHS.addresses.at(0).then(Address::PATHS.city));
    assert_eq!(town.get(city), None);
    assert_eq!(town.set(city, "Rome".to_owned()).unwrap_err().path(), "users.7.addresses.0.city");

    town.insert(Town::PATHS.users, 7, user("Oslo"));

    assert_eq!(town.set(city, "Rome".to_owned()).as_deref(), Ok("Oslo"));
    assert_eq!(town.get(city).as_deref(), Some("Rome"));
}

#[test]
fn a_string_is_a_key_for_strings() {
    let town = create_model("town", Town::default());
    town.insert(Town::PATHS.named, "ann", user("Bonn"));
    let age = Town::PATHS.named.key("ann").then(User::PATHS.age);
    assert_eq!(town.get(age), Some(30));
    assert_eq!(age.to_string(), "named.ann.age");
}

#[test]
fn a_path_behind_an_option_leads_on_to_entries() {
    let town = create_model("town", Town { mayor: Some(user("Paris")), ..Town::default() });
    let city = Town::PATHS.mayor.some().addresses.at(0).then(Address::PATHS.city);
    assert_eq!(town.get(city).as_deref(), Some("Paris"));
    assert_eq!(town.get(Town::PATHS.mayor.some().addresses.at(1)), None);
}

#[test]
fn whole_paths_compose_to_whole_paths() {
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Land {
        capital: Town,
    }
    let land = create_model("land", Land::default());
    let mayor = Land::PATHS.capital.path().then(Town::PATHS.mayor);
    assert_eq!(land.set(mayor, Some(user("Bern"))), None);
    assert_eq!(land.get(Land::PATHS.capital.mayor), Some(user("Bern")));
    assert_eq!(mayor.to_string(), "capital.mayor");
}

#[test]
fn a_key_is_held_as_it_is_given() {
    fn is_copy<P: Copy>(_: &P) {}

    let town = create_model("town", Town::default());
    town.insert(Town::PATHS.named, "ann", user("Bonn"));
    let fixed = Town::PATHS.named.key("ann").then(User::PATHS.age);
    is_copy(&fixed);
    {
        let name = String::from("ann");
        let lent = Town::PATHS.named.key(name.as_str()).then(User::PATHS.age);
        is_copy(&lent);
        assert_eq!(town.set(lent, 31), Ok(30));
        town.update_at(lent, |age| *age += 1).unwrap();
        assert_eq!(town.get(Town::PATHS.named.key(&name).then(User::PATHS.age)), Some(32));
    }
    let owned = Town::PATHS.named.key(String::from("ann")).then(User::PATHS.age);
    assert_eq!(town.get(owned.clone()), town.get(fixed));
    assert_eq!(owned.to_string(), fixed.to_string());
}

#[test]
fn a_lent_key_is_kept_where_it_outlives_the_call() {
    let town = create_model("town", Town::default());
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (log, both) = (Arc::clone(&seen), Arc::clone(&seen));
    let _subscriptions = {
        let name = String::from("ann");
        let age = Town::PATHS.named.key(name.as_str()).then(User::PATHS.age);
        [
            town.subscribe(age, move |age, _| log.lock().unwrap().push(age.copied())),
            town.subscribe((age, Town::PATHS.mayor), move |(age, _), _| {
                both.lock().unwrap().push(age.copied());
            }),
            town.subscribe(age.map(|age| age.is_some()), |_, _| {}),
        ]
    };
    town.insert(Town::PATHS.named, "ann", user("Bonn"));
    assert_eq!(*seen.lock().unwrap(), [Some(30), Some(30)]);
}

#[test]
fn every_kind_of_string_is_a_key() {
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Names {
        boxed: BTreeMap<Box<str>, u8>,
        shared: HashMap<Arc<str>, u8>,
        fixed: BTreeMap<&'static str, u8>,
    }
    let names = create_model("names", Names::default());
    names.insert(Names::PATHS.boxed, "a", 1);
    names.insert(Names::PATHS.shared, "b", 2);
    names.insert(Names::PATHS.fixed, "c", 3);

    assert_eq!(names.get(Names::PATHS.boxed.key("a")), Some(1));
    assert_eq!(names.get(Names::PATHS.shared.key("b")), Some(2));
    assert_eq!(names.get(Names::PATHS.fixed.key("c")), Some(3));
    let shared: Arc<str> = "b".into();
    assert_eq!(Names::PATHS.shared.key(shared).to_string(), "shared.b");
    assert_eq!(Names::PATHS.fixed.key("c").to_string(), "fixed.c");
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Folder {
    name: String,
    parts: Vec<Folder>,
    first: Option<Box<Folder>>,
    shared: Option<Arc<Folder>>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Disk {
    root: Box<Folder>,
    backup: Arc<Folder>,
}

#[test]
fn a_box_and_an_arc_are_led_through() {
    let disk = create_model("disk", Disk::default());
    let (root, backup) = (Disk::PATHS.root.deref(), Disk::PATHS.backup.deref());

    // Always there, so that reading and writing need no `Option`.
    disk.set(root.then(Folder::PATHS.name), "root".into());
    disk.set(backup.then(Folder::PATHS.name), "backup".into());
    let name: String = disk.get(root.then(Folder::PATHS.name));

    assert_eq!(name, "root");
    assert_eq!(disk.get(Disk::PATHS.backup).name, "backup");
    assert_eq!(root.then(Folder::PATHS.name).to_string(), "root.name");
}

#[test]
fn a_write_through_a_shared_arc_copies_its_value() {
    let disk = create_model("disk", Disk::default());
    let held = disk.get(Disk::PATHS.backup);

    disk.set(Disk::PATHS.backup.deref().then(Folder::PATHS.name), "new".into());

    assert_eq!(held.name, "");
    assert_eq!(disk.get(Disk::PATHS.backup).name, "new");
}

#[test]
fn a_type_that_holds_itself_has_places_at_any_depth() {
    let first = Folder::PATHS.first.some().deref();
    let shared = Folder::PATHS.shared.some().deref();
    let deep = first.then(first).then(shared).then(Folder::PATHS.parts.at(0));
    let name = deep.then(Folder::PATHS.name);
    let folder = create_model("folder", Folder::default());
    assert_eq!(folder.get(name), None);
    assert!(folder.set(name, "x".into()).is_err());

    let wrap = |inner: Folder| Folder { first: Some(Box::new(inner)), ..Folder::default() };
    let parts = vec![Folder::default()];
    let last = Folder { parts, ..Folder::default() };
    let third = Folder { shared: Some(Arc::new(last)), ..Folder::default() };
    folder.replace(wrap(wrap(third)));
    let names = Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = Arc::clone(&names);
    let _name = folder.subscribe(name, move |name, _| log.lock().unwrap().push(name.cloned()));

    assert_eq!(folder.set(name, "x".into()).as_deref(), Ok(""));
    folder.push(deep.then(Folder::PATHS.parts), Folder::default()).unwrap();
    folder.set(first.then(Folder::PATHS.name), "other".into()).unwrap();
    folder.set(Folder::PATHS.first.some(), Box::default()).unwrap();

    assert_eq!(*names.lock().unwrap(), [Some("x".to_owned()), None]);
    assert_eq!(name.to_string(), "first.first.shared.parts.0.name");
}

#[test]
fn every_collection_is_reached_from_every_kind_of_path() {
    #[derive(Model, Clone, Debug, PartialEq)]
    struct All {
        grid: [[u8; 2]; 2],
        maybe: Option<Vec<u8>>,
        maybes: VecDeque<Option<User>>,
        which: Which,
        pair: Pair,
        of_maps: BTreeMap<u8, HashMap<String, Vec<u8>>>,
    }

    #[derive(Model, Clone, Debug, PartialEq)]
    enum Which {
        List(Vec<u8>),
        Map { named: BTreeMap<String, u8> },
    }

    #[derive(Model, Clone, Debug, PartialEq)]
    struct Pair(Vec<u8>, u8);

    let all = create_model(
        "all",
        All {
            grid: [[1, 2], [3, 4]],
            maybe: Some(vec![5]),
            maybes: [Some(user("Rome")), None].into(),
            which: Which::List(vec![6]),
            pair: Pair(vec![7], 8),
            of_maps: [(1, HashMap::from([("a".into(), vec![9])]))].into(),
        },
    );
    assert_eq!(all.set(All::PATHS.grid.at(1).at(0), 30), Ok(3));
    assert_eq!(all.get(All::PATHS.grid), [[1, 2], [30, 4]]);
    assert!(all.set(All::PATHS.grid.at(2).at(0), 0).is_err());
    assert_eq!(all.get(All::PATHS.maybe.some().at(0)), Some(5));
    assert_eq!(all.get(All::PATHS.maybes.at(0).some().then(User::PATHS.age)), Some(30));
    assert_eq!(all.get(All::PATHS.maybes.at(1).some().then(User::PATHS.age)), None);
    assert_eq!(all.get(All::PATHS.which.list.0.at(0)), Some(6));
    assert_eq!(all.get(All::PATHS.which.map.named.key("a")), None);
    all.set(All::PATHS.which, Which::Map { named: [("a".into(), 1)].into() });
    assert_eq!(all.get(All::PATHS.which.map.named.key("a")), Some(1));
    all.push(All::PATHS.pair.0, 9);
    assert_eq!(all.get(All::PATHS.pair.path().then(Pair::PATHS.0.at(1))), Some(9));
    let deep = All::PATHS.of_maps.key(1).key("a").at(0);
    assert_eq!(all.get(deep), Some(9));
    assert_eq!(deep.to_string(), "of_maps.1.a.0");
}

#[test]
fn a_cache_depends_on_a_place_by_a_borrowed_key() {
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Users {
        ages: HashMap<String, u8>,
    }
    fn cache_of(users: &Model<Users>, user: &str) -> Cache<u8> {
        let cache = create_cache::<u8>(format!("age-of-{user}"));
        cache.depends_on_path(users, Users::PATHS.ages.key(user)).build().expect("the name is free")
    }
    let users = create_model("users", Users::default());
    let ann = cache_of(&users, "ann");
    ann.set(1);
    users.insert(Users::PATHS.ages, "bob", 3);
    assert_eq!(ann.get(), Some(1));
    users.insert(Users::PATHS.ages, "ann", 3);
    assert_eq!(ann.get(), None);
}
