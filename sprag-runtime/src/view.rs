//! [`View`]: the reading half of a [`Model`](crate::Model).

use std::fmt;
use std::sync::Arc;

use crate::cell::change::{Change, Delivered, StateHandle};
use crate::cell::{CallTime, Cell, CommitInfo, Select, SelectOne, Selector, calling, subscriber};
use crate::path::{Mode, Place, State};
use crate::resource::Resource;
use crate::stream::{WatchStream, channel};
use crate::subscription::Subscription;

/// A handle for reading, watching and subscribing, which cannot write.
///
/// [`Model`](crate::Model) dereferences to its view, so every method of a view is a method
/// of the model as well. Cloning is cheap; a view keeps the state alive as a model does.
///
/// ```
/// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
/// use sprag::prelude::*;
/// use sprag::View;
///
/// fn show(tv: &View<Tv>) -> String {
///     format!("at {}", tv.get(Tv::PATHS.position))
/// }
///
/// let tv = create_model("tv", Tv::default());
/// assert_eq!(show(&tv), "at 0"); // a model is taken where a view is
/// let view = tv.view();
/// tv.set(Tv::PATHS.position, 7);
/// assert_eq!(show(&view), "at 7");
/// ```
pub struct View<T: 'static> {
    pub(crate) cell: Arc<Cell<T>>,
}

impl<T> Clone for View<T> {
    fn clone(&self) -> Self {
        Self { cell: Arc::clone(&self.cell) }
    }
}

impl<T: 'static> StateHandle for View<T> {
    type State = T;
}

impl<T: State + Clone + Send + Sync> View<T> {
    /// Returns a clone of the value at `place`; an `Option` if the place may be absent.
    ///
    /// Costs a read lock, the field access and the clone, which is made under the lock. Use
    /// [`read`](Self::read) to access a large value without cloning it.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let position: u64 = tv.get(Tv::PATHS.position);
    /// let url: Option<String> = tv.get(Tv::PATHS.url.some());
    /// assert_eq!((position, url), (0, None));
    /// ```
    pub fn get<P>(&self, place: P) -> <P::Mode as Mode>::Read<P::Value>
    where
        P: Place<T>,
        P::Value: Clone,
    {
        P::Mode::__read(self.cell.get(&place.__walk()))
    }

    /// Returns the selected value.
    ///
    /// The value is the one that [`subscribe`](Self::subscribe) would pass, from a single
    /// moment: the places of a tuple are of one version. Closures run outside of every
    /// lock.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// let (url, position) = tv.select((Tv::PATHS.url, Tv::PATHS.position));
    /// let started = tv.select(|tv: &Tv| tv.position > 0);
    /// assert_eq!((url, position, started), (None, 0, false));
    /// ```
    pub fn select<S, K>(&self, selector: S) -> <S::__Select as SelectOne<T>>::Owned
    where
        S: Selector<T, K>,
        S::Value: PartialEq + Clone + Send + Sync,
        S::__Select: SelectOne<T>,
    {
        let select = selector.__select();
        let captured = select.capture(&self.cell.snapshot(), &CommitInfo::present(0));
        let resolved = select.resolve(captured).expect("a fresh selector has no earlier result");
        <S::__Select as SelectOne<T>>::to_owned(select.item(&resolved))
    }

    /// Calls `callback` after each commit that changed the value of `selector`.
    ///
    /// The callback runs outside of every lock. Its second argument describes the commit
    /// and returns a view; see [`Model::subscribe`](crate::Model::subscribe) for the rest.
    ///
    /// ```
    /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
    /// # use sprag::prelude::*;
    /// # let tv = create_model("tv", Tv::default());
    /// let view = tv.view();
    /// let _log = view.subscribe(Tv::PATHS.position, |position, change| {
    ///     println!("{position} in version {} of {}", change.version(), change.view().version());
    /// });
    /// tv.set(Tv::PATHS.position, 7); // prints
    /// ```
    pub fn subscribe<S, K, F>(&self, selector: S, callback: F) -> Subscription
    where
        S: Selector<T, K>,
        S::Value: PartialEq + Clone + Send + Sync,
        S::__Select: Select<T>,
        F: for<'a> Fn(<S::__Select as Select<T>>::Item<'a>, &Change<'_, View<T>>)
            + Send
            + Sync
            + 'static,
    {
        self.cell.subscribe(
            selector.__select(),
            calling::<View<T>, S::__Select, F>(callback),
            CallTime::AfterCommit,
        )
    }

    /// Like [`subscribe`](Self::subscribe), and calls `callback` with the present value
    /// first: before this method returns, unless it is called inside a callback or inside
    /// an `update` of another model or store, or another thread is delivering.
    ///
    /// No value is passed twice or left out.
    ///
    /// ```
    /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
    /// # use sprag::prelude::*;
    /// # let tv = create_model("tv", Tv::default());
    /// let (send, received) = std::sync::mpsc::channel();
    /// let _log = tv.view().subscribe_now(Tv::PATHS.position, move |&position, _| {
    ///     send.send(position).unwrap();
    /// });
    /// tv.set(Tv::PATHS.position, 7);
    /// assert_eq!(received.try_iter().collect::<Vec<_>>(), [0, 7]);
    /// ```
    pub fn subscribe_now<S, K, F>(&self, selector: S, callback: F) -> Subscription
    where
        S: Selector<T, K>,
        S::Value: PartialEq + Clone + Send + Sync,
        S::__Select: Select<T>,
        F: for<'a> Fn(<S::__Select as Select<T>>::Item<'a>, &Change<'_, View<T>>)
            + Send
            + Sync
            + 'static,
    {
        self.cell.subscribe(
            selector.__select(),
            calling::<View<T>, S::__Select, F>(callback),
            CallTime::NowAndAfter,
        )
    }

    /// Returns a stream of the selected value: the present value, then the latest one
    /// whenever it has changed. At most one value waits for the reader. A value that
    /// changes and changes back while the reader is busy is delivered again.
    ///
    /// The stream ends when the model is destroyed or dropped.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// use futures_util::StreamExt;
    ///
    /// let mut positions = tv.watch(Tv::PATHS.position);
    /// assert_eq!(positions.next().await, Some(0));
    /// tv.set(Tv::PATHS.position, 7);
    /// tv.set(Tv::PATHS.position, 8); // before the reader comes back: 7 is skipped
    /// assert_eq!(positions.next().await, Some(8));
    /// # });
    /// ```
    pub fn watch<S, K>(&self, selector: S) -> WatchStream<<S::__Select as SelectOne<T>>::Owned>
    where
        S: Selector<T, K>,
        S::Value: PartialEq + Clone + Send + Sync,
        S::__Select: SelectOne<T>,
        <S::__Select as SelectOne<T>>::Owned: Send + 'static,
    {
        let (sender, receiver) = channel(1);
        let select = selector.__select();
        let send = move |item: <S::__Select as Select<T>>::Item<'_>, _: &Delivered<'_, T>| {
            sender.send(<S::__Select as SelectOne<T>>::to_owned(item));
        };
        WatchStream::new(
            receiver,
            self.cell.subscribe(select, subscriber(send), CallTime::NowAndAfter),
        )
    }

    /// Returns a handle to the view.
    ///
    /// ```
    /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
    /// # use sprag::prelude::*;
    /// # let tv = create_model("tv", Tv::default());
    /// let view = tv.view();
    /// assert_eq!(view.name(), "tv");
    /// ```
    pub fn view(&self) -> Self {
        self.clone()
    }
}

impl<T: State + Clone + Send + Sync, H: StateHandle<State = T>> Change<'_, H> {
    /// Returns a view of the state, which may be at a later version by now.
    ///
    /// The view keeps the state alive as long as it exists.
    ///
    /// ```
    /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
    /// # use sprag::prelude::*;
    /// # let tv = create_model("tv", Tv::default());
    /// let _log = tv.subscribe(Tv::PATHS.position, |position, change| {
    ///     println!("{:?} at {position}", change.view().get(Tv::PATHS.url));
    /// });
    /// tv.set(Tv::PATHS.position, 7);
    /// # assert_eq!(tv.panics(), 0);
    /// ```
    pub fn view(&self) -> View<T> {
        View { cell: Arc::clone(self.cell()) }
    }
}

/// A view has nothing that a service could release.
impl<T: State + Clone + Send + Sync> Resource for View<T> {
    fn release(&self) {}
}

impl<T: fmt::Debug> fmt::Debug for View<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("View").field(&self.cell).finish()
    }
}
