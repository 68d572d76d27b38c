//! Paths through structs, tuple structs and `Option`.

use std::mem::size_of_val;

use sprag::path::{PartialPath, Path};
use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Tv {
    pub playback: Playback,
    pub casting: bool,
    pub current: Option<Playback>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Playback {
    pub url: Option<String>,
    pub position: u64,
    secret: Secret,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Secret {
    key: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Point(i32, Playback);

#[derive(Model, Clone, Copy, Debug, Default, PartialEq)]
struct Unit;

#[derive(Model, Clone, Debug, PartialEq)]
struct Chain {
    name: String,
    next: Option<Box<Self>>,
    all: Vec<Self>,
}

const URL: Path<Tv, Option<String>> = Tv::PATHS.playback.url;
const POSITION: PartialPath<Tv, u64> = Tv::PATHS.current.some().position;
static TABLE: [Path<Tv, u64>; 2] = [Tv::PATHS.playback.position, Tv::PATHS.playback.position];

#[test]
fn a_path_reads_and_writes_its_place_and_no_other() {
    let tv = create_model("tv", Tv::default());

    let before = tv.set(URL, Some("/a.mp4".to_owned()));
    tv.set(TABLE[1], 7);

    assert_eq!(before, None);
    assert_eq!(tv.get(URL).as_deref(), Some("/a.mp4"));
    let expected = Playback { url: Some("/a.mp4".to_owned()), position: 7, ..Playback::default() };
    assert_eq!(*tv.snapshot(), Tv { playback: expected, ..Tv::default() });
}

#[test]
fn a_struct_is_a_place_of_its_own() {
    let tv = create_model("tv", Tv::default());
    let playback = Playback { position: 3, ..Playback::default() };

    tv.set(Tv::PATHS.playback, playback.clone());

    assert_eq!(tv.get(Tv::PATHS.playback), playback);
    assert_eq!(tv.get(Tv::PATHS.playback.path()), playback);
    assert_eq!(tv.get(Tv::PATHS).playback, playback);
}

#[test]
fn an_absent_place_cannot_be_set() {
    let tv = create_model("tv", Tv::default());
    assert_eq!(tv.get(POSITION), None);
    assert_eq!(tv.set(POSITION, 5).unwrap_err().path(), "current.position");
    assert_eq!(tv.version(), 0);

    tv.set(Tv::PATHS.current, Some(Playback::default()));

    assert_eq!(tv.set(POSITION, 5), Ok(0));
    assert_eq!(tv.get(POSITION), Some(5));
    assert_eq!(tv.get(Tv::PATHS.current.some()).map(|current| current.position), Some(5));
}

#[test]
fn the_text_of_a_path_is_its_names_joined_by_dots() {
    assert_eq!(URL.to_string(), "playback.url");
    assert_eq!(POSITION.to_string(), "current.position");
    assert_eq!(Tv::PATHS.playback.url.some().to_string(), "playback.url");
    assert_eq!(Point::PATHS.1.secret.key.to_string(), "1.secret.key");
    assert_eq!(Tv::PATHS.path().to_string(), "");
    assert_eq!(format!("{:?}", Tv::PATHS.casting), "Path(casting)");
}

#[test]
fn a_path_is_small() {
    for size in [size_of_val(&URL), size_of_val(&POSITION), size_of_val(&Tv::PATHS.playback.path())]
    {
        assert!((8..=24).contains(&size), "{size} bytes");
    }
}

#[test]
fn a_tuple_struct_has_numbered_paths() {
    let point = create_model("point", Point::default());
    point.set(Point::PATHS.0, -4);
    point.set(Point::PATHS.1.position, 9);
    let expected = Point(-4, Playback { position: 9, ..Playback::default() });
    assert_eq!(*point.snapshot(), expected);
}

#[test]
fn a_unit_struct_is_one_place() {
    let unit = create_model("unit", Unit);
    assert_eq!(unit.get(Unit::PATHS), Unit);
}

#[test]
fn recursion_ends_the_static_tree() {
    let end = Chain { name: "end".to_owned(), next: None, all: Vec::new() };
    let start = Chain { name: "start".to_owned(), next: None, all: vec![end.clone()] };
    let chain = create_model("chain", start);

    chain.set(Chain::PATHS.next, Some(Box::new(end)));
    chain.update_at(Chain::PATHS.next.some(), |next| next.name.push('!')).unwrap();

    assert_eq!(chain.get(Chain::PATHS.next.some()).unwrap().name, "end!");
    assert_eq!(chain.get(Chain::PATHS.all.at(0).then(Chain::PATHS.name)).unwrap(), "end");
}

#[test]
fn a_subscription_by_path_is_notified_of_its_place_only() {
    let tv = create_model("tv", Tv::default());
    let (heard, hears) = std::sync::mpsc::channel();
    let _url = tv.subscribe(Tv::PATHS.playback.url, {
        let heard = heard.clone();
        move |url, _| heard.send(format!("{url:?}")).unwrap()
    });
    let _position = tv.subscribe(POSITION, move |at, _| heard.send(format!("{at:?}")).unwrap());

    tv.set(Tv::PATHS.casting, true);
    tv.set(Tv::PATHS.playback.position, 1);
    tv.set(URL, Some("/b.mp4".to_owned()));
    tv.set(Tv::PATHS.playback, Playback::default());
    tv.set(Tv::PATHS.current, Some(Playback { position: 8, ..Playback::default() }));
    tv.update(|tv| tv.current = None);

    let heard: Vec<String> = hears.try_iter().collect();
    assert_eq!(heard, ["Some(\"/b.mp4\")", "None", "Some(8)", "None"]);
}
