//! D8: caches, selectors and streams take a view as they take a model.

use futures_util::{FutureExt, StreamExt};
use sprag::View;
use sprag::prelude::*;

use crate::domain::*;

fn view_of_a_model() -> (Model<Tv>, View<Tv>) {
    let tv = tv();
    let view = tv.view();
    (tv, view)
}

#[test]
fn d8_a_cache_depends_on_a_place_of_a_view() {
    let (tv, view) = view_of_a_model();
    let poster = create_cache::<u32>("poster").bus(&Bus::new());
    let poster = poster.depends_on_path(&view, Tv::PATHS.casting).build().unwrap();
    poster.set(1);

    tv.set(Tv::PATHS.playback.position, 5);
    assert_eq!(poster.get(), Some(1), "another place");
    tv.set(Tv::PATHS.casting, true);

    assert_eq!(poster.get(), None);
}

#[test]
fn d8_entries_depend_on_places_and_entries_of_a_view() {
    let (tv, view) = view_of_a_model();
    let entries = || create_keyed_cache::<u32, usize>("names").bus(&Bus::new());
    let by_place = entries().entry_depends_on_path(&view, |id: &u32| Tv::PATHS.users.key(*id));
    let by_entry = entries().entries_depend_on_each(&view, Tv::PATHS.users.each());
    let caches = [by_place.build().unwrap(), by_entry.build().unwrap()];
    caches.iter().for_each(|names| {
        names.set(7, 3);
        names.set(8, 4);
    });

    tv.insert(Tv::PATHS.users, 7, user("Ada", "Ulm"));

    for names in &caches {
        assert_eq!((names.get(&7), names.get(&8)), (None, Some(4)));
    }
}

#[test]
fn d8_a_view_selects_watches_and_subscribes() {
    let (tv, view) = view_of_a_model();
    let (log, casts) = std::sync::mpsc::channel();
    let _subscription = view.subscribe(Tv::PATHS.casting, move |&casting, change| {
        log.send((casting, change.view().get(Tv::PATHS.playback.position))).unwrap();
    });
    let mut positions = view.watch(Tv::PATHS.playback.position);
    assert_eq!(positions.next().now_or_never(), Some(Some(0)));

    tv.set(Tv::PATHS.playback.position, 5);
    tv.set(Tv::PATHS.casting, true);

    assert_eq!(positions.next().now_or_never(), Some(Some(5)));
    assert_eq!(casts.try_iter().collect::<Vec<_>>(), [(true, 5)]);
    let selected = view.select((Tv::PATHS.casting, Tv::PATHS.playback.position));
    assert_eq!(selected, (true, 5));
    assert_eq!(view.select(|tv: &Tv| tv.playback.position + 1), 6);
}
