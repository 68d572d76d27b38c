//! [`Policy`]: who sees a store, who writes it, and which states are valid.

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

/// The value that an extractor obtained from a request.
pub(crate) type AnyUser = Arc<dyn Any + Send + Sync>;

/// Extracts a value from a request.
pub(crate) type Extract<U> =
    dyn for<'a> Fn(&'a mut Parts) -> BoxFuture<'a, Result<U, Response>> + Send + Sync;
/// Extracts the request's user, if the user sees the store.
type Visible =
    dyn for<'a> Fn(&'a mut Parts) -> BoxFuture<'a, Result<Option<AnyUser>, Response>> + Send + Sync;
/// Extracts the request's user and creates the check of the user's writes.
type Authorize<T> =
    dyn for<'a> Fn(&'a mut Parts) -> BoxFuture<'a, Result<Check<T>, Response>> + Send + Sync;
/// The check of one user's writes.
pub(crate) type Check<T> = Box<dyn Fn(&Write<T>) -> Result<(), Denied> + Send + Sync>;
/// The check of a write's resulting state.
type Validate<T> = dyn Fn(&T) -> Result<(), String> + Send + Sync;

/// A write is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denied;

/// The effect of one write from a browser.
pub struct Write<T> {
    places: Vec<Address>,
    root: PhantomData<fn(T)>,
}

/// The rules of a store: who sees it, who writes it, and which states are valid.
///
/// Without a policy every client of the router sees the store, and can write where the type
/// says `#[model(browser = "write")]`; a policy does not allow writes elsewhere. Each
/// closure takes the value of an axum extractor, so that the application's own sessions
/// apply. A request that an extractor rejects is refused. Extractors that need the
/// application's state get it through [`with_state`](Self::with_state).
///
/// A panic of the checks of a write is reported through `tracing`, and the write's page is
/// notified that the outcome is unknown. A panic of `visible` or of an extractor ends the
/// request, as a panic of any handler does.
pub struct Policy<T, S = ()> {
    state: S,
    visible: Option<Box<Visible>>,
    authorize: Option<Box<Authorize<T>>>,
    validate: Option<Box<Validate<T>>>,
}

impl<T: 'static> Policy<T> {
    /// A policy by which everybody sees the store.
    pub fn new() -> Self {
        Self::with_state(())
    }
}

impl<T: 'static, S: Clone + Send + Sync + 'static> Policy<T, S> {
    /// Like `new`, with the state of the application that the extractors need.
    pub fn with_state(state: S) -> Self {
        Self { state, visible: None, authorize: None, validate: None }
    }

    /// Shows the store to the users that `visible` accepts.
    ///
    /// The extractor runs when a page opens its stream, and again every minute while the
    /// stream is open, with a copy of the request as it arrived: a value that an extractor
    /// kept in the request's extensions is not in the copy.
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

    /// Allows the writes that `authorize` accepts.
    ///
    /// `authorize` is called before the write, outside of the model's lock.
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

    /// Refuses the writes whose resulting state `validate` rejects. The browser receives
    /// the error's text as the reason.
    ///
    /// `validate` runs on the new state under the model's lock, before the commit, so it
    /// must not use the model.
    pub fn validate(
        mut self,
        validate: impl Fn(&T) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.validate = Some(Box::new(validate));
        self
    }

    /// A function that extracts a `U` from a request, with this policy's state.
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

    /// The final form of the policy.
    pub(crate) fn sealed(self) -> Policy<T> {
        let Self { visible, authorize, validate, .. } = self;
        Policy { state: (), visible, authorize, validate }
    }
}

impl<T: 'static> Policy<T> {
    /// Whether the request determines who sees the store.
    pub(crate) fn looks_at_requests(&self) -> bool {
        self.visible.is_some()
    }

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

    /// The check of the writes of the request's user; `None` if there is no check.
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

    /// Whether all changes of the write are at `place` or below it.
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
