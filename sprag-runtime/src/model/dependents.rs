//! Caches that depend on a model. Here, and not with the caches, because a cache
//! knows nothing of models.

use super::Model;
use crate::cache::{CacheBuilder, Invalidator};
use crate::cell::{CallTime, Select, Selector, after_first, subscriber};
use crate::path::State;

impl<C> CacheBuilder<C> {
    /// Invalidates the cache after each commit that changed what `selector` selects
    /// of `model`: `.depends_on_path(&tv, Tv::PATHS.playback.url)`.
    ///
    /// However many caches depend on what one commit changed, it is one wave, and it
    /// comes before the model's subscribers are called. The model is not kept alive
    /// by it.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// let tv = create_model("tv", Tv::default());
    /// let title = create_cache::<String>("title").depends_on_path(&tv, Tv::PATHS.url).build()?;
    ///
    /// title.set("nothing plays".into());
    /// tv.set(Tv::PATHS.position, 7); // not what it depends on
    /// assert!(title.get().is_some());
    /// tv.set(Tv::PATHS.url, Some("alien.mp4".into()));
    /// assert_eq!(title.get(), None);
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn depends_on_path<T, S, K>(self, model: &Model<T>, selector: S) -> Self
    where
        T: State + Clone + Send + Sync,
        S: Selector<T, K>,
        S::Value: PartialEq + Clone + Send + Sync,
        S::__Select: Select<T>,
        K: 'static,
    {
        let (model, select) = (model.clone(), selector.__select());
        self.depends_on_state(move |cache| {
            let gather = subscriber::<T, S::__Select, _>(move |_, _| {
                cache.gather();
                after_first(Invalidator::invalidate_gathered);
            });
            model.cell.subscribe(select, gather, CallTime::First)
        })
    }
}
