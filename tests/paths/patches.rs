//! Patches: some fields, written together.

use sprag::path::Patch;
use sprag::prelude::*;

#[derive(Clone, Debug, Default, PartialEq)]
struct Foreign(u8);

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(patch_derive(Clone, Debug, PartialEq))]
struct Tv {
    casting: bool,
    volume: u8,
    playback: Playback,
    #[model(leaf)]
    foreign: Foreign,
    #[model(skip)]
    scratch: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Playback {
    position: u64,
    url: Option<String>,
}

/// Not even comparable: its patch is still a patch for a `Store`.
#[derive(Model, Clone, Debug, Default)]
struct Odd {
    #[model(leaf)]
    odd: NoEq,
    count: u8,
}

#[derive(Clone, Debug, Default)]
struct NoEq;

/// Not even cloned: its patch is still a patch.
#[derive(Model, Debug, Default)]
struct Fixed {
    #[model(leaf)]
    fixed: NoClone,
    count: u8,
}

#[derive(Debug, Default)]
struct NoClone;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Pair<A, B> {
    a: A,
    #[model(skip)]
    b: Option<B>,
}

#[test]
fn a_patch_writes_the_fields_that_it_names() {
    let tv = create_model("tv", Tv { volume: 3, scratch: 4, ..Tv::default() });

    tv.patch(TvPatch::new().casting(true).foreign(Foreign(9)));

    let expected =
        Tv { casting: true, volume: 3, foreign: Foreign(9), scratch: 4, ..Tv::default() };
    assert_eq!(*tv.snapshot(), expected);
    assert_eq!(tv.version(), 1);
}

#[test]
fn a_patch_can_be_cloned_where_its_fields_can() {
    let patch = PlaybackPatch::new().position(7);
    let playback = create_model("playback", Playback::default());
    playback.patch(patch.clone());
    playback.set(Playback::PATHS.position, 8);
    playback.patch(patch);
    assert_eq!(playback.get(Playback::PATHS.position), 7);

    let pair = PairPatch::<u8, NoEq>::new().a(3);
    assert_eq!(pair.clone().a, pair.a);

    let mut fixed = Fixed::default();
    FixedPatch::new().count(3).__swap(&mut fixed);
    assert_eq!(fixed.count, 3);
}

#[test]
fn a_patch_is_a_plain_struct() {
    let patch = TvPatch { volume: Some(8), ..TvPatch::default() };
    assert_eq!(patch, TvPatch::new().volume(8));
    assert!(!patch.is_empty());
    assert!(TvPatch::new().is_empty());
}

#[test]
fn a_patch_that_names_nothing_commits_nothing() {
    let tv = create_model("tv", Tv::default());
    tv.patch(TvPatch::new());
    assert_eq!(tv.version(), 0);
}

#[test]
fn a_patch_notifies_watchers_of_changed_places() {
    let tv = create_model("tv", Tv { volume: 3, ..Tv::default() });
    let (heard, hears) = std::sync::mpsc::channel();
    let subscribe = |name: &'static str| {
        let heard = heard.clone();
        move || heard.send(name).unwrap()
    };
    let (volume, position, foreign, whole) =
        (subscribe("volume"), subscribe("position"), subscribe("foreign"), subscribe("whole"));
    let _volume = tv.subscribe(Tv::PATHS.volume, move |_, _| volume());
    let _position = tv.subscribe(Tv::PATHS.playback.position, move |_, _| position());
    let _foreign = tv.subscribe(Tv::PATHS.foreign, move |_, _| foreign());
    let _whole = tv.subscribe(Tv::PATHS, move |_, _| whole());

    tv.patch(TvPatch::new().volume(3).foreign(Foreign(1)));
    let mut first: Vec<_> = hears.try_iter().collect();
    tv.patch(TvPatch::new().playback(Playback { position: 0, url: Some("/a".to_owned()) }));
    let second: Vec<_> = hears.try_iter().collect();

    first.sort_unstable();
    assert_eq!(first, ["foreign", "whole"]);
    assert_eq!(second, ["whole"]);
}

#[test]
fn a_patch_goes_to_a_place_too() {
    let tv = create_model("tv", Tv::default());
    tv.patch_at(Tv::PATHS.playback, PlaybackPatch::new().position(4));
    assert_eq!(tv.get(Tv::PATHS.playback.position), 4);
}

#[test]
fn a_store_takes_patches_of_types_without_eq() {
    let store = create_store("odd", Odd::default());
    store.set(OddPatch::new().count(1).odd(NoEq));
    assert_eq!(store.get().count, 1);
}

#[test]
fn a_parameter_may_stand_in_no_patched_field() {
    let pair = create_model("pair", Pair::<u8, String>::default());
    pair.patch(PairPatch::new().a(3));
    assert_eq!(pair.get(Pair::<u8, String>::PATHS.a), 3);
}

#[test]
fn the_paths_and_the_patch_may_be_named_or_the_patch_left_out() {
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    #[model(paths = SettingsPlaces, patch = SettingsChanges)]
    struct Settings {
        volume: u8,
        muted: bool,
    }
    struct SettingsPatch {
        volume: Option<u8>,
    }
    struct SettingsPaths(&'static SettingsPlaces<Settings>);

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    #[model(no_patch)]
    struct Hub {
        settings: Settings,
    }
    struct HubPatch;

    let request = (SettingsPatch { volume: Some(3) }, HubPatch).0;
    let settings = create_model("settings", Settings::default());
    settings
        .patch(SettingsChanges { volume: request.volume, ..SettingsChanges::new().muted(true) });
    assert_eq!(settings.get(SettingsPaths(Settings::PATHS).0), Settings { volume: 3, muted: true });
    assert_eq!(Hub::PATHS.settings.volume.to_string(), "settings.volume");
}
