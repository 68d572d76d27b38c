//! Paths into enums: a variant's fields may be absent.

use sprag::path::{PartialPath, Path};
use sprag::prelude::*;

#[derive(Model, Clone, Debug, PartialEq)]
struct Hub {
    media: Media,
    mode: Mode,
    last: Option<Media>,
}

#[derive(Model, Clone, Debug, PartialEq)]
enum Media {
    Idle,
    Playing {
        url: String,
        at: Mark,
    },
    Failed(String, Mark),
    /// Keywords are raw: `r#loop`.
    Loop(u8),
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Mark {
    seconds: u64,
}

#[derive(Model, Clone, Copy, Debug, PartialEq)]
enum Mode {
    Day,
    Night,
}

#[derive(Model, Clone, Debug, PartialEq)]
enum Only {
    One { x: u8 },
}

#[derive(Model, Clone, Debug, PartialEq)]
enum Either<L, R> {
    Left(L),
    Right { right: Vec<R> },
}

const SECONDS: PartialPath<Hub, u64> = Hub::PATHS.media.playing.at.seconds;
const MODE: Path<Hub, Mode> = Hub::PATHS.mode;

fn playing(seconds: u64) -> Media {
    Media::Playing { url: "/a".to_owned(), at: Mark { seconds } }
}

fn hub() -> Model<Hub> {
    create_model("hub", Hub { media: Media::Idle, mode: Mode::Day, last: None })
}

#[test]
fn a_field_of_the_active_variant_is_there() {
    let hub = hub();
    hub.set(Hub::PATHS.media, playing(4));

    assert_eq!(hub.get(SECONDS), Some(4));
    assert_eq!(hub.set(SECONDS, 5), Ok(4));

    assert_eq!(hub.get(Hub::PATHS.media), playing(5));
    assert_eq!(hub.get(Hub::PATHS.media.playing.at), Some(Mark { seconds: 5 }));
    assert_eq!(hub.get(Hub::PATHS.media.failed.0), None);
}

#[test]
fn a_field_of_another_variant_cannot_be_set() {
    let hub = hub();

    let error = hub.set(Hub::PATHS.media.failed.1.seconds, 1).unwrap_err();

    assert_eq!(error.path(), "media.failed.1.seconds");
    assert_eq!(hub.get(Hub::PATHS.media), Media::Idle);
    assert_eq!(hub.version(), 0);
}

#[test]
fn a_subscription_is_notified_when_its_variant_appears_and_disappears() {
    let hub = hub();
    let (heard, hears) = std::sync::mpsc::channel();
    let _s = hub.subscribe(SECONDS, move |at, _| heard.send(at.copied()).unwrap());

    hub.set(Hub::PATHS.media, playing(1));
    hub.set(SECONDS, 2).unwrap();
    hub.set(Hub::PATHS.media.playing.url, "/b".to_owned()).unwrap();
    hub.set(Hub::PATHS.media, Media::Failed("gone".to_owned(), Mark { seconds: 2 }));
    hub.set(Hub::PATHS.media.failed.1, Mark { seconds: 3 }).unwrap();

    assert_eq!(hears.try_iter().collect::<Vec<_>>(), [Some(1), Some(2), None]);
}

#[test]
fn an_enum_without_fields_is_one_value() {
    let hub = hub();
    assert_eq!(hub.set(MODE, Mode::Night), Mode::Day);
    assert_eq!(create_model("mode", Mode::Night).get(Mode::PATHS), Mode::Night);
}

#[test]
fn variants_are_called_by_their_names_in_snake_case() {
    assert_eq!(SECONDS.to_string(), "media.playing.at.seconds");
    assert_eq!(Hub::PATHS.last.some().r#loop.0.to_string(), "last.loop.0");
    assert_eq!(Only::PATHS.one.x.to_string(), "one.x");
}

#[test]
fn a_variant_may_be_the_only_one_and_its_name_a_keyword() {
    let only = create_model("only", Only::One { x: 1 });
    assert_eq!(only.set(Only::PATHS.one.x, 2), Ok(1));
    let media = create_model("media", Media::Loop(3));
    assert_eq!(media.get(Media::PATHS.r#loop.0), Some(3));
}

#[test]
fn generic_enums_have_paths_too() {
    let either = create_model("either", Either::<Mark, Mode>::Left(Mark::default()));
    assert_eq!(either.set(Either::<Mark, Mode>::PATHS.left.0.seconds, 3), Ok(0));
    assert_eq!(either.get(Either::<Mark, Mode>::PATHS.right.right), None);
    either.set(Either::<Mark, Mode>::PATHS, Either::Right { right: vec![Mode::Night] });
    let first = Either::<Mark, Mode>::PATHS.right.right.at(0);
    assert_eq!(either.get(first), Some(Mode::Night));
}
