//! Pages of lists: a marker is the key of the last item before, so that what is deleted meanwhile moves nothing.
use super::constraint;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use vpclab_wire::WireError;

/// One page.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) is_truncated: Option<bool>,
    pub(super) marker: Option<String>,
}

impl<T> Page<T> {
    /// The page with its items made into what is shown.
    pub(super) fn show<S>(self, show: impl FnMut(T) -> S) -> Page<S> {
        Page { items: self.items.into_iter().map(show).collect(), is_truncated: self.is_truncated, marker: self.marker }
    }
}

/// One page of what is in the order of `key`.
pub(super) fn page<T>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> String,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<Page<T>, WireError> {
    let size = match max_items {
        None => 100,
        Some(size @ 1..=1000) => usize::try_from(size).unwrap_or(100),
        Some(other) => {
            let bound = if other < 1 { "greater than or equal to 1" } else { "less than or equal to 1000" };
            return Err(constraint(format!(
                "1 validation error detected: Value '{other}' at 'maxItems' failed to satisfy constraint: Member must have value {bound}"
            )));
        }
    };
    let after = match marker {
        None => None,
        Some(marker) => {
            let bytes = URL_SAFE_NO_PAD.decode(marker).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            Some(bytes.ok_or_else(|| constraint(format!("Invalid Marker: {marker}")))?)
        }
    };
    let mut rest = items.into_iter().filter(|item| after.as_ref().is_none_or(|after| key(item) > *after));
    let items: Vec<T> = rest.by_ref().take(size).collect();
    let is_truncated = rest.next().is_some();
    let marker = items.last().filter(|_| is_truncated).map(|last| URL_SAFE_NO_PAD.encode(key(last)));
    Ok(Page { items, is_truncated: Some(is_truncated), marker })
}
