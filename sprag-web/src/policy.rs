//! [`Policy`]: who sees a store, who writes it, and what a write must lead to.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use sprag_runtime::address_of;
use sprag_runtime::path::{Address, Place, State};

/// What an extractor made of a request.
pub(crate) type AnyUser = Arc<dyn Any + Send + Sync>;

/// Makes a value of a request.
pub(crate) type Extract<U> =
    dyn for<'a> Fn(&'a mut Parts) -> BoxFuture<'a, Result<U, Response>> + Send + Sync;
/// Extracts the request's user, if the user sees the store.
type Visible =
    dyn for<'a> Fn(&'a mut Parts) -> BoxFuture<'a, Result<Option<AnyUser>, Response>> + Send + Sync;
/// Extracts the request's user and makes the check of the user's writes.
type Authorize<T> =
    dyn for<'a> Fn(&'a mut Parts) -> BoxFuture<'a, Result<Check<T>, Response>> + Send + Sync;
/// The check of one user's writes.
pub(crate) type Check<T> = Box<dyn Fn(&Write<T>) -> Result<(), Denied> + Send + Sync>;
/// The check of what a write leads to.
type Validate<T> = dyn Fn(&T) -> Result<(), String> + Send + Sync;

/// A write is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denied;

/// What one write of a browser's changes.
pub struct Write<T> {
    places: Vec<Address>,
    root: PhantomData<fn(T)>,
}

/// Who sees a store, who writes it, and what a write must lead to.
///
/// Without a policy everybody who reaches the router sees the store, and writes where the
/// type says `#[model(browser = "write")]`; a policy allows no write elsewhere. Each closure takes
/// what an axum extractor makes of the request, so that the application's own sessions
/// apply. An extractor that refuses a request refuses it here, too. Extractors that need
/// the application's state get it by [`with_state`](Self::with_state).
pub struct Policy<T, S = ()> {
    state: S,
    visible: Option<Box<Visible>>,
    authorize: Option<Box<Authorize<T>>>,
    validate: Option<Box<Validate<T>>>,
}

impl<T: 'static> Policy<T> {
    /// Everybody sees the store.
    pub fn new() -> Self {
        Self::with_state(())
    }
}

impl<T: 'static, S: Clone + Send + Sync + 'static> Policy<T, S> {
    /// As `new`, with the state of the application that the extractors need.
    pub fn with_state(state: S) -> Self {
        Self { state, visible: None, authorize: None, validate: None }
    }

    /// Shows the store where `visible` says so.
    ///
    /// The extractor runs when a page opens its stream, and again while the stream lives:
    /// each minute, with the request that opened it.
    pub fn visible<U>(mut self, visible: impl Fn(&U) -> bool + Send + Sync + 'static) -> Self
    where
        U: FromRequestParts<S> + Send + Sync + 'static,
    {
        let (state, visible) = (self.state.clone(), Arc::new(visible));
        self.visible = Some(Box::new(move |parts| {
            let (state, visible) = (state.clone(), Arc::clone(&visible));
            Box::pin(async move {
                let user = extracted::<U, S>(parts, &state).await?;
                Ok(visible(&user).then(|| Arc::new(user) as AnyUser))
            })
        }));
        self
    }

    /// Lets those writes in that `authorize` allows.
    ///
    /// It is called before the write, outside of the model's lock.
    pub fn authorize<U>(
        mut self,
        authorize: impl Fn(&U, &Write<T>) -> Result<(), Denied> + Send + Sync + 'static,
    ) -> Self
    where
        U: FromRequestParts<S> + Send + Sync + 'static,
    {
        let (state, authorize) = (self.state.clone(), Arc::new(authorize));
        self.authorize = Some(Box::new(move |parts| {
            let (state, authorize) = (state.clone(), Arc::clone(&authorize));
            Box::pin(async move {
                let user = extracted::<U, S>(parts, &state).await?;
                let check: Check<T> = Box::new(move |write| authorize(&user, write));
                Ok(check)
            })
        }));
        self
    }

    /// Refuses the writes that lead to a state which `validate` refuses; its text is the
    /// reason that the browser is given.
    ///
    /// It runs on the new state under the model's lock, before the commit, so that it must
    /// not touch the model.
    pub fn validate(
        mut self,
        validate: impl Fn(&T) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.validate = Some(Box::new(validate));
        self
    }

    /// What extracts a `U` from a request, with this policy's state.
    pub(crate) fn extractor<U>(&self) -> Box<Extract<U>>
    where
        U: FromRequestParts<S> + Send + 'static,
    {
        let state = self.state.clone();
        Box::new(move |parts| {
            let state = state.clone();
            Box::pin(async move { extracted::<U, S>(parts, &state).await })
        })
    }

    /// The policy once nothing is added to it.
    pub(crate) fn sealed(self) -> Policy<T> {
        let Self { visible, authorize, validate, .. } = self;
        Policy { state: (), visible, authorize, validate }
    }
}

impl<T: 'static> Policy<T> {
    /// The request's user, if the user sees the store.
    pub(crate) fn visible_to<'a>(
        &'a self,
        parts: &'a mut Parts,
    ) -> BoxFuture<'a, Result<Option<AnyUser>, Response>> {
        match &self.visible {
            Some(visible) => visible(parts),
            None => Box::pin(async { Ok(Some(Arc::new(()) as AnyUser)) }),
        }
    }

    /// The check of the writes of the request's user; `None` where none is wanted.
    pub(crate) async fn check(&self, parts: &mut Parts) -> Result<Option<Check<T>>, Response> {
        match &self.authorize {
            Some(authorize) => authorize(parts).await.map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn validated(&self, next: &T) -> Result<(), String> {
        self.validate.as_ref().map_or(Ok(()), |validate| validate(next))
    }
}

async fn extracted<U, S>(parts: &mut Parts, state: &S) -> Result<U, Response>
where
    U: FromRequestParts<S>,
    S: Send + Sync,
{
    U::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)
}

impl<T: 'static> Default for Policy<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, S> fmt::Debug for Policy<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("visible", &self.visible.is_some())
            .field("authorize", &self.authorize.is_some())
            .field("validate", &self.validate.is_some())
            .finish_non_exhaustive()
    }
}

impl<T: State> Write<T> {
    pub(crate) fn new(places: Vec<Address>) -> Self {
        Self { places, root: PhantomData }
    }

    /// The places that the write changes. An element that is appended to a list has the
    /// last part `-`.
    pub fn places(&self) -> &[Address] {
        &self.places
    }

    /// Whether all that the write changes is `place` or below it.
    pub fn is_within<P: Place<T>>(&self, place: P) -> bool {
        address_of(place).is_some_and(|place| {
            self.places.iter().all(|written| written.parts().starts_with(place.parts()))
        })
    }
}

impl<T> fmt::Debug for Write<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Write").field(&self.places).finish()
    }
}
