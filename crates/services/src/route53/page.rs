//! Pages of lists: the next page is named by what begins it.
use super::errors::invalid_input;
use vpclab_wire::WireError;

/// One page of what begins at the place asked for, and what begins the next one.
pub(super) fn page<T>(
    from: impl IntoIterator<Item = T>,
    max_items: Option<&str>,
    most: usize,
) -> Result<(Vec<T>, Option<T>, usize), WireError> {
    let size = match max_items {
        None => most,
        Some(text) => match text.parse::<usize>() {
            Ok(size @ 1..) => size.min(most),
            _ => return Err(invalid_input(format!("'{text}' is no number of items (MaxItems)"))),
        },
    };
    let mut from = from.into_iter();
    let items: Vec<T> = from.by_ref().take(size).collect();
    Ok((items, from.next(), size))
}
