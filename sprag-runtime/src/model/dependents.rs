//! Caches that depend on a model. Here, and not with the caches, because a cache
//! knows nothing of models.

use super::Model;
use crate::cache::CacheBuilder;
use crate::cell::Selector;
use crate::path::State;

impl<C> CacheBuilder<C> {
    /// Invalidates the cache after each commit that changed what `selector` selects
    /// of `model`: `.depends_on_path(&tv, Tv::PATHS.playback.url)`.
    ///
    /// Each such dependency starts waves of its own. The model is not kept alive by
    /// it.
    pub fn depends_on_path<T, S, K>(self, model: &Model<T>, selector: S) -> Self
    where
        T: State + Clone + Send + Sync,
        S: Selector<T, K> + 'static,
        K: 'static,
    {
        let model = model.clone();
        self.depends_on_state(move |cache| {
            model.subscribe(selector, move |_, _| cache.invalidate())
        })
    }
}
