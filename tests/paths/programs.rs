//! Programs on which the derives of other libraries failed, with the values that they give.

mod from_macros {
    use std::collections::BTreeMap;

    use sprag::prelude::*;

    macro_rules! state {
        (
            $(#[$meta:meta])*
            $vis:vis struct $name:ident<$($param:ident),*> {
                $($(#[$on_field:meta])* $field_vis:vis $field:ident: $ty:ty = $len:expr),*
            }
        ) => {
            $(#[$meta])*
            #[derive(Model, Clone, Debug, PartialEq)]
            $vis struct $name<$($param),*> {
                $($(#[$on_field])* $field_vis $field: [$ty; $len],)*
                extra: Option<($($param,)*)>,
            }
        };
    }

    macro_rules! wrap {
        ($ty:ty) => {
            $ty
        };
    }

    macro_rules! thrice {
        ($name:ident, $ty:ty) => {
            #[derive(Model, Clone, Debug, Default, PartialEq)]
            struct $name {
                first: wrap!($ty),
                second: Vec<wrap!($ty)>,
                third: Option<$ty>,
            }
        };
    }

    state! {
        /// The registers.
        pub(crate) struct Registers<A, B> {
            #[model(rename = "low-half")]
            pub(crate) low: u16 = 2 + 2,
            high: Option<u8> = 1
        }
    }
    thrice!(Pair, BTreeMap<String, u8>);

    #[test]
    fn types_names_lengths_and_attributes_may_come_from_macros() {
        type Own = Registers<u8, char>;
        let own = Own { low: [1, 2, 3, 4], high: [None], extra: Some((1, 'x')) };
        let registers = create_model("registers", own);
        registers.set(Own::PATHS.low.at(3), 40).unwrap();
        registers.set(Own::PATHS.high.at(0), Some(2)).unwrap();
        assert_eq!(registers.get(Own::PATHS.low), [1, 2, 3, 40]);
        assert_eq!(registers.get(Own::PATHS.high.at(0).some()), Some(2));
        assert_eq!(registers.get(Own::PATHS.extra.some()), Some((1, 'x')));
        assert_eq!(Own::PATHS.low.to_string(), "low-half");

        let pair = create_model("pair", Pair::default());
        pair.insert(Pair::PATHS.first, "k", 3);
        pair.push(Pair::PATHS.second, BTreeMap::new());
        pair.set(Pair::PATHS.third, Some(BTreeMap::new()));
        pair.insert(Pair::PATHS.third.some(), "l", 4).unwrap();
        assert_eq!(pair.get(Pair::PATHS.first.key("k")), Some(3));
        assert_eq!(pair.get(Pair::PATHS.third.some().key("l")), Some(4));
        assert_eq!(pair.snapshot().second, [BTreeMap::new()]);
    }
}

mod parameters {
    use sprag::prelude::*;

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Many<Root, Value, Mode, S, P, K, V> {
        root: Root,
        value: Value,
        mode: Mode,
        s: S,
        p: P,
        k: K,
        v: Option<V>,
    }

    #[derive(Model, Clone, Debug, PartialEq)]
    enum Variants<State, Lens, Place, const ID: usize, const N: usize> {
        State(State),
        Lens([Lens; ID]),
        Spot { place: Place },
        N([u8; N]),
    }

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Then<At> {
        at: At,
        model: u8,
        cell: u8,
        patch: u8,
        tx: u8,
        state: u8,
        this: u8,
        visit: u8,
        __path: u8,
    }

    #[test]
    fn parameters_and_fields_may_have_names_that_a_macro_uses() {
        type Own = Many<u8, u8, u8, u8, u8, u8, String>;
        let many = create_model("many", Own::default());
        many.patch(ManyPatch::new().root(1).value(2).mode(3).v(Some("x".to_owned())));
        let expected =
            Own { root: 1, value: 2, mode: 3, v: Some("x".to_owned()), ..Own::default() };
        assert_eq!(*many.snapshot(), expected);
        assert_eq!(many.get(Own::PATHS.v.some()).as_deref(), Some("x"));

        type Sized = Variants<u8, u16, String, 2, 3>;
        let variants = create_model("variants", Sized::Lens([1, 2]));
        variants.set(Sized::PATHS.lens.0.at(1), 5).unwrap();
        assert_eq!(*variants.snapshot(), Sized::Lens([1, 5]));
        variants.replace(Sized::Spot { place: String::new() });
        variants.set(Sized::PATHS.spot.place, "here".to_owned()).unwrap();
        assert_eq!(variants.get(Sized::PATHS.spot.place).as_deref(), Some("here"));
        variants.replace(Sized::N([0; 3]));
        assert_eq!(variants.get(Sized::PATHS.state.0), None);
        variants.replace(Sized::State(7));
        assert_eq!(variants.get(Sized::PATHS.state.0), Some(7));

        let then = create_model("then", Then { at: 1_u8, ..Then::default() });
        then.set(<Then<u8>>::PATHS.at, 2);
        then.set(<Then<u8>>::PATHS.__path, 3);
        then.patch(ThenPatch::new().patch(4).this(5).state(6));
        let expected = Then { at: 2, __path: 3, patch: 4, this: 5, state: 6, ..Then::default() };
        assert_eq!(*then.snapshot(), expected);
    }
}

#[cfg(feature = "serde")]
#[test]
fn empty_items_are_written_as_serde_writes_them() {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};
    use serde_json::json;
    use sprag::prelude::*;

    const THREE: isize = 3;
    #[derive(
        Model, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
    )]
    enum Level {
        Low = 1,
        Mid = 1 + THREE,
        High = -9,
    }
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Unit;
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Braces {}
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Parens();
    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Mix {
        A,
        B(),
        C {},
        D(Unit),
    }
    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct All {
        level: Level,
        unit: Unit,
        braces: Braces,
        parens: Parens,
        mix: Mix,
        by: BTreeMap<Level, u8>,
    }

    let (braces, parens, by) = (Braces {}, Parens(), [(Level::High, 1)].into());
    let all = All { level: Level::Mid, unit: Unit, braces, parens, mix: Mix::D(Unit), by };
    let all = create_model("all", all);
    all.set(All::PATHS.level, Level::High);
    all.set(All::PATHS.mix, Mix::A);
    all.set(All::PATHS.by.key(Level::High), 5).unwrap();
    all.set_value("by.High", json!(6)).unwrap();
    all.set_value("by.Low", json!(7)).unwrap();
    let written = json!({
        "level": "High", "unit": null, "braces": {}, "parens": [], "mix": "A",
        "by": { "High": 6, "Low": 7 },
    });
    assert_eq!(all.get_value("").unwrap(), written);
    all.set_value("", written).unwrap();
    for (mix, json) in [(Mix::C {}, json!({ "C": {} })), (Mix::D(Unit), json!({ "D": null }))] {
        all.set_value("mix", json.clone()).unwrap();
        assert_eq!((&all.snapshot().mix, all.get_value("mix").unwrap()), (&mix, json));
    }
    // `serde_json` does not read an empty tuple variant from a value.
    all.set(All::PATHS.mix, Mix::B());
    all.set_value("by.Mid", json!(8)).unwrap();
    assert_eq!(all.get_value("mix").unwrap(), json!({ "B": [] }));
}

mod called_alike {
    use sprag::prelude::*;

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    pub(crate) struct MediaPlaying {
        at: u8,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    pub(crate) struct MediaPlayingPatchNotes {
        at: u8,
    }

    #[derive(Model, Clone, Debug, PartialEq)]
    #[allow(dead_code)]
    pub(crate) enum Media {
        Playing(MediaPlaying),
        Paused { at: u8 },
        Some(u8),
        None,
        Ok(u8),
        Err(u8),
        Box(u8),
        Default(u8),
        Deref(u8),
        Then(u8),
        At(u8),
        Key(u8),
        Len(u8),
        Map(u8),
        Marker(u8),
        Id(u8),
        New(u8),
        Clone(u8),
        R(u8),
        M(u8),
        L(u8),
        Whole(u8),
    }

    #[derive(Model, Clone, Debug, PartialEq)]
    pub(crate) struct MediaPaused {
        at: u8,
    }

    #[test]
    fn a_type_may_be_called_as_a_variant_and_a_variant_as_a_method() {
        let media = create_model("media", Media::Playing(MediaPlaying { at: 1 }));
        media.set(Media::PATHS.playing.0.at, 2).unwrap();
        assert_eq!(media.get(Media::PATHS.playing.0), Some(MediaPlaying { at: 2 }));
        media.replace(Media::Some(1));
        media.set(Media::PATHS.some.0, 4).unwrap();
        assert_eq!(*media.snapshot(), Media::Some(4));
        media.replace(Media::Deref(1));
        assert_eq!(media.get(Media::PATHS.deref.0), Some(1));
        assert_eq!(MediaPlayingPatchNotes::PATHS.at.to_string(), MediaPaused::PATHS.at.to_string());
    }
}

/// Constants, statics, functions and types with the names of fields and variants.
#[allow(non_upper_case_globals, non_camel_case_types)]
mod neighbours {
    use std::collections::BTreeMap;

    use sprag::prelude::*;

    const volume: u8 = 3;
    static muted: bool = false;
    fn title() -> String {
        "a".to_owned()
    }
    const Playing: u8 = 1;

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct list {
        x: u8,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Tv {
        volume: u8,
        muted: bool,
        title: String,
        list: list,
        kids: Vec<Self>,
        maybe: Option<Box<Self>>,
        by: BTreeMap<String, Self>,
    }

    #[derive(Model, Clone, Debug, PartialEq)]
    enum Media {
        Playing { volume: u8, title: String },
        Idle,
    }

    #[test]
    fn neighbours_may_be_called_as_fields_and_variants() {
        let tv = create_model("tv", Tv::default());
        tv.patch(TvPatch::new().volume(volume).muted(muted).title(title()));
        tv.push(Tv::PATHS.kids, Tv::default());
        tv.set(Tv::PATHS.kids.at(0).then(Tv::PATHS.list.x), 8).unwrap();
        tv.set(Tv::PATHS.maybe, Some(Box::default()));
        tv.set(Tv::PATHS.maybe.some().deref().then(Tv::PATHS.volume), 9).unwrap();
        tv.insert(Tv::PATHS.by, "a", Tv::default());
        tv.set(Tv::PATHS.by.key("a").then(Tv::PATHS.kids), vec![Tv::default()]).unwrap();
        let state = tv.snapshot();
        assert_eq!((state.volume, state.muted, &*state.title), (3, false, "a"));
        assert_eq!((state.kids[0].list.x, state.by["a"].kids.len()), (8, 1));
        assert_eq!(state.maybe.as_ref().map(|tv| tv.volume), Some(9));

        let media = create_model("media", Media::Idle);
        media.replace(Media::Playing { volume: Playing, title: title() });
        media.set(Media::PATHS.playing.volume, 4).unwrap();
        assert_eq!(media.get(Media::PATHS.playing.volume), Some(4));
    }
}

#[cfg(feature = "serde")]
#[allow(deprecated)]
mod attributes {
    use serde::{Deserialize, Serialize};
    use serde_json::json;
    use sprag::prelude::*;

    #[doc = concat!("a", "b")]
    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[repr(C, align(16))]
    #[must_use]
    #[non_exhaustive]
    #[doc(alias = "television")]
    pub(crate) struct Tv {
        #[doc = "line `one`\n\nline \"two\" {braces} \\ \u{1F600}"]
        #[doc(hidden)]
        pub(in crate::programs) a: u8,
        #[serde(skip)]
        b: &'static str,
        /** In a block. */
        pub(self) c: u8,
        #[allow(unused)]
        #[rustfmt::skip]
        d: core::time::Duration,
        #[serde(rename = "e\"q\\u{7b}")]
        e: u8,
    }

    #[derive(
        Model,
        Clone,
        Copy,
        Debug,
        PartialEq,
        Eq,
        PartialOrd,
        Ord,
        Hash,
        Default,
        Serialize,
        Deserialize,
    )]
    #[repr(u8)]
    #[non_exhaustive]
    pub(crate) enum Level {
        #[default]
        #[doc(hidden)]
        Low = b'l',
        #[deprecated]
        High = 200,
    }

    #[test]
    fn attributes_of_the_language_may_stand_anywhere() {
        let tv = Tv { a: 1, b: "x", c: 2, d: core::time::Duration::ZERO, e: 3 };
        let tv = create_model("tv", tv);
        tv.set(Tv::PATHS.b, "y");
        tv.set(Tv::PATHS.a, 2);
        tv.set(Tv::PATHS.d, core::time::Duration::from_secs(1));
        tv.set_value(&Tv::PATHS.e.to_string(), json!(9)).unwrap();
        assert_eq!((tv.get(Tv::PATHS.e), tv.get(Tv::PATHS.b)), (9, "y"));
        let described = serde_json::to_string(&tv.describe()).unwrap();
        assert!(described.contains(r#"line `one`\n\nline \"two\" {braces} \\"#), "{described}");

        let level = create_model("level", Level::Low);
        level.set_value("", json!("High")).unwrap();
        assert_eq!(*level.snapshot(), Level::High);
    }
}
