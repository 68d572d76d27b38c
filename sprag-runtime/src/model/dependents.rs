//! Caches that depend on a model. The code is here and not with the caches, because caches
//! do not know models.

use std::hash::Hash;
use std::sync::Arc;

use crate::cache::{CacheBuilder, Invalidator, KeyedCache};
use crate::cell::change::Delivered;
use crate::cell::{CallTime, Select, Selector, after_first, subscriber};
use crate::path::{Collection, Each, State, Walk};
use crate::subscription::Subscription;
use crate::view::View;

impl<C> CacheBuilder<C> {
    /// Invalidates the cache after each commit that changed the value of `selector` in a
    /// model or a view: `.depends_on_path(&tv, Tv::PATHS.playback.url)`.
    ///
    /// However many caches depend on the changes of one commit, the commit is one wave,
    /// which comes before the model's subscribers are called. The cache does not keep the
    /// model alive.
    ///
    /// ```
    /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
    /// # use sprag::prelude::*;
    /// let tv = create_model("tv", Tv::default());
    /// let title = create_cache::<String>("title").depends_on_path(&tv, Tv::PATHS.url).build()?;
    ///
    /// title.set("nothing plays".into());
    /// tv.set(Tv::PATHS.position, 7); // another place
    /// assert!(title.get().is_some());
    /// tv.set(Tv::PATHS.url, Some("alien.mp4".into()));
    /// assert_eq!(title.get(), None);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn depends_on_path<T, S, K>(self, view: &View<T>, selector: S) -> Self
    where
        T: State + Clone + Send + Sync,
        S: Selector<T, K>,
        S::Value: PartialEq + Clone + Send + Sync,
        S::__Select: Select<T>,
        K: 'static,
    {
        let (view, select) = (view.clone(), selector.__select());
        self.depends_on_state(move |cache| {
            let gather = subscriber::<T, S::__Select, _>(move |_, _| {
                cache.gather();
                after_first(Invalidator::invalidate_gathered);
            });
            view.cell.subscribe(select, gather, CallTime::First)
        })
    }
}

impl<K, V> CacheBuilder<KeyedCache<K, V>>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Invalidates an entry after each commit that changed the value of the entry's own
    /// selector in a model or a view: a change of device 7 removes entry 7 alone.
    ///
    /// `selector` returns the selector of a key. It runs at the first computation or `set`
    /// of the key, and the subscription lasts as long as the key is in the cache, so each
    /// entry costs one subscription. All entries and caches that depend on the changes of
    /// one commit are one wave. The cache does not keep the model alive.
    ///
    /// ```
    /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
    /// # use sprag::prelude::*;
    /// let tv = create_model("tv", Tv::default());
    /// let lengths = create_keyed_cache::<u64, usize>("lengths")
    ///     .entry_depends_on_path(&tv, |id: &u64| Tv::PATHS.seen.key(*id))
    ///     .build()?;
    ///
    /// lengths.set(7, 5);
    /// lengths.set(8, 6);
    /// tv.insert(Tv::PATHS.seen, 7, "Alien".into());
    /// assert_eq!((lengths.get(&7), lengths.get(&8)), (None, Some(6)));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn entry_depends_on_path<T, S, Q>(
        self,
        view: &View<T>,
        selector: impl Fn(&K) -> S + Send + Sync + 'static,
    ) -> Self
    where
        T: State + Clone + Send + Sync,
        S: Selector<T, Q>,
        S::Value: PartialEq + Clone + Send + Sync,
        S::__Select: Select<T>,
        Q: 'static,
    {
        let cell = Arc::downgrade(&view.cell);
        self.watch_entries(move |key, entry| {
            let Some(cell) = cell.upgrade() else { return Subscription::dead() };
            let gather = subscriber::<T, S::__Select, _>(move |_, _| {
                entry.gather();
                after_first(Invalidator::invalidate_gathered);
            });
            cell.subscribe(selector(key).__select(), gather, CallTime::First)
        })
    }

    /// Invalidates the entries whose keys are those of changed entries in a collection,
    /// with one subscription for all of them: [`each()`](crate::path::Path::each).
    ///
    /// The cost depends on the affected entries, not on the sizes of the cache and of the
    /// collection. All entries and caches that depend on the changes of one commit are one
    /// wave. The cache does not keep the model alive.
    ///
    /// ```
    /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
    /// # use sprag::prelude::*;
    /// let tv = create_model("tv", Tv::default());
    /// let lengths = create_keyed_cache::<u64, usize>("lengths")
    ///     .entries_depend_on_each(&tv, Tv::PATHS.seen.each())
    ///     .build()?;
    ///
    /// lengths.set(7, 5);
    /// lengths.set(8, 6);
    /// tv.insert(Tv::PATHS.seen, 7, "Alien".into());
    /// assert_eq!((lengths.get(&7), lengths.get(&8)), (None, Some(6)));
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn entries_depend_on_each<T, W, C, I>(self, view: &View<T>, each: Each<T, W, I>) -> Self
    where
        T: State + Clone + Send + Sync,
        W: Walk<T, Value = C> + 'static,
        C: Collection<Key = K, Item: State>,
        I: Walk<C::Item, Value: Clone + PartialEq + Send + Sync> + 'static,
    {
        let view = view.clone();
        self.gather_entries(move |entries| {
            let gather = subscriber::<T, <Each<T, W, I> as Selector<T, _>>::__Select, _>(
                move |(key, _): (&K, Option<&I::Value>), _: &Delivered<'_, T>| {
                    entries.gather(key);
                    after_first(Invalidator::invalidate_gathered);
                },
            );
            view.cell.subscribe(each.__select(), gather, CallTime::First)
        })
    }
}
