//! Models among other items: written by macros, with parameters and neighbours of any name, and
//! types of every size that an item may have.

use sprag::prelude::*;

macro_rules! own {
    ($ty:ty) => {
        $ty
    };
}

macro_rules! bank {
    ($name:ident<$($param:ident),*> { $($field:ident: [$ty:ty; $length:expr]),* }) => {
        #[derive(Model, Clone, Debug, PartialEq)]
        struct $name<$($param),*> {
            $($field: [$ty; $length],)*
            rest: Option<($($param,)*)>,
        }
    };
}

bank!(Bank<A, B> { low: [u8; 2 + 2], high: [Option<u16>; 1] });

macro_rules! message {
    ($name:ident { $($variant:ident($ty:ty)),* }) => {
        #[derive(Model, Clone, Debug, PartialEq)]
        enum $name {
            $($variant(own!($ty)),)*
        }
    };
}

message!(Message { Byte(u8), Bytes(Vec<u8>), Note(Option<String>) });

#[test]
fn types_lengths_and_variants_may_come_from_macros() {
    type Own = Bank<u8, char>;
    let bank = Own { low: [1, 2, 3, 4], high: [None], rest: Some((5, 'x')) };
    let bank = create_model("bank", bank);
    bank.set(Own::PATHS.low.at(3), 40).unwrap();
    bank.set(Own::PATHS.high.at(0), Some(6)).unwrap();
    let state = Own { low: [1, 2, 3, 40], high: [Some(6)], rest: Some((5, 'x')) };
    assert_eq!(*bank.snapshot(), state);

    let message = create_model("message", Message::Bytes(vec![1]));
    message.push(Message::PATHS.bytes.0, 2).unwrap();
    assert_eq!(*message.snapshot(), Message::Bytes(vec![1, 2]));
    message.replace(Message::Byte(3));
    assert_eq!(message.get(Message::PATHS.byte.0), Some(3));
    message.replace(Message::Note(None));
    message.set(Message::PATHS.note.0, Some("a".into())).unwrap();
    assert_eq!(message.get(Message::PATHS.note.0.some()).as_deref(), Some("a"));
}

#[allow(non_camel_case_types)]
#[derive(Model, Clone, Debug, PartialEq)]
struct Underscored<__R, __L, __M, __T>(__R, Vec<__L>, Option<__M>, Box<__T>);

#[derive(Model, Clone, Debug, PartialEq)]
enum Sizes<Lens, const ID: usize, const N: usize> {
    Lens([Lens; ID]),
    Bytes { bytes: [u8; N] },
}

#[test]
fn parameters_may_be_called_as_those_of_the_runtime() {
    type Bytes = Underscored<u8, u8, u8, u8>;
    let bytes = create_model("bytes", Underscored(1, vec![2], Some(3), Box::new(4)));
    bytes.set(Bytes::PATHS.1.at(0), 20).unwrap();
    bytes.set(Bytes::PATHS.2.some(), 30).unwrap();
    bytes.set(Bytes::PATHS.3.deref(), 40);
    assert_eq!(*bytes.snapshot(), Underscored(1, vec![20], Some(30), Box::new(40)));

    type Own = Sizes<u16, 2, 3>;
    let sizes = create_model("sizes", Own::Lens([1, 2]));
    sizes.set(Own::PATHS.lens.0.at(1), 5).unwrap();
    assert_eq!(*sizes.snapshot(), Own::Lens([1, 5]));
    sizes.replace(Own::Bytes { bytes: [0; 3] });
    sizes.set(Own::PATHS.bytes.bytes.at(2), 9).unwrap();
    assert_eq!(*sizes.snapshot(), Own::Bytes { bytes: [0, 0, 9] });
}

#[test]
fn empty_items_and_discriminants_by_a_constant_are_state() {
    const FIRST: isize = 3;
    #[derive(Model, Clone, Copy, Debug, PartialEq)]
    enum Level {
        Low = FIRST - 12,
        High = FIRST + 1,
    }
    #[derive(Model, Clone, Debug, PartialEq)]
    enum Never {}
    #[derive(Model, Clone, Debug, PartialEq)]
    struct Parens();
    #[derive(Model, Clone, Debug, PartialEq)]
    struct Braces {}
    #[derive(Model, Clone, Debug, PartialEq)]
    enum Mixed {
        Unit,
        Parens(),
        Braces {},
    }
    #[derive(Model, Clone, Debug, PartialEq)]
    struct All {
        level: Level,
        never: Option<Never>,
        parens: Parens,
        braces: Braces,
        mixed: Vec<Mixed>,
    }
    let (parens, braces) = (Parens(), Braces {});
    let all = create_model(
        "all",
        All { level: Level::Low, never: None, parens, braces, mixed: vec![Mixed::Unit] },
    );

    all.set(All::PATHS.level, Level::High);
    all.set(All::PATHS.parens, Parens());
    all.set(All::PATHS.braces, Braces {});
    all.push(All::PATHS.mixed, Mixed::Parens());
    all.set(All::PATHS.mixed.at(0), Mixed::Braces {}).unwrap();

    assert_eq!((all.get(All::PATHS.level) as isize, all.get(All::PATHS.never)), (4, None));
    assert_eq!(all.snapshot().mixed, [Mixed::Braces {}, Mixed::Parens()]);
}

#[derive(Model, Clone, Debug, PartialEq)]
struct MediaPlaying {
    at: u8,
}

#[derive(Model, Clone, Debug, PartialEq)]
struct MediaPaused {
    at: u8,
}

#[derive(Model, Clone, Debug, PartialEq)]
enum Media {
    Playing(MediaPlaying),
    Paused { at: u8, last: MediaPaused },
}

#[test]
fn a_type_may_be_called_as_an_enum_and_its_variant() {
    let media = create_model("media", Media::Playing(MediaPlaying { at: 1 }));
    media.set(Media::PATHS.playing.0.at, 2).unwrap();
    assert_eq!(media.get(Media::PATHS.playing.0), Some(MediaPlaying { at: 2 }));
    media.replace(Media::Paused { at: 3, last: MediaPaused { at: 4 } });
    media.set(Media::PATHS.paused.last.at, 5).unwrap();
    assert_eq!(media.get(Media::PATHS.paused.last), Some(MediaPaused { at: 5 }));
    assert_eq!(MediaPlaying::PATHS.at.to_string(), MediaPaused::PATHS.at.to_string());
}

/// A pattern that is one name would mean the constant of that name.
#[allow(non_upper_case_globals)]
mod constants {
    use sprag::Model;

    pub(super) const volume: u8 = 3;
    pub(super) static muted: bool = true;
    pub(super) const Playing: u8 = 4;

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    pub(super) struct Tv {
        pub(super) volume: u8,
        pub(super) muted: bool,
        pub(super) kids: Vec<Self>,
    }

    #[derive(Model, Clone, Debug, PartialEq)]
    pub(super) enum Screen {
        Playing { volume: u8 },
        Off(bool),
    }
}

#[test]
fn constants_and_statics_may_be_called_as_fields_and_variants() {
    use constants::{Screen, Tv, TvPatch};

    let tv = create_model("tv", Tv::default());
    tv.patch(TvPatch::new().volume(constants::volume).muted(constants::muted));
    tv.push(Tv::PATHS.kids, Tv::default());
    tv.set(Tv::PATHS.kids.at(0).then(Tv::PATHS.volume), 5).unwrap();
    let kid = Tv { volume: 5, ..Tv::default() };
    assert_eq!(*tv.snapshot(), Tv { volume: 3, muted: true, kids: vec![kid] });

    let screen = create_model("screen", Screen::Off(constants::muted));
    screen.replace(Screen::Playing { volume: constants::Playing });
    screen.set(Screen::PATHS.playing.volume, 6).unwrap();
    assert_eq!(screen.get(Screen::PATHS.playing.volume), Some(6));
}
