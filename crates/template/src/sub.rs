//! The text of `Fn::Sub`.
use crate::{Span, TemplateError};

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Written as it is; of `${!X}` this is `${X}`.
    Literal(&'a str),
    /// The `${` of `${!X}`.
    Dollar,
    /// `${X}` or `${X.Y}`.
    Variable(&'a str),
}

/// The pieces of a text (intrinsic-function-reference-sub.html).
pub(crate) fn pieces(text: &str, at: Span) -> Result<Vec<Piece<'_>>, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        pieces.push(Piece::Literal(before));
        let Some((inside, next)) = after.split_once('}') else {
            // It does not close: no variable.
            pieces.push(Piece::Dollar);
            rest = after;
            continue;
        };
        if let Some(literal) = inside.strip_prefix('!') {
            pieces.push(Piece::Dollar);
            pieces.push(Piece::Literal(literal));
            pieces.push(Piece::Literal("}"));
        } else {
            let name = inside.trim();
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':');
            if name.is_empty() || !name.chars().all(fits) {
                return Err(TemplateError::new(
                    "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons",
                    at,
                )
                .because(format!("`${{{inside}}}`")));
            }
            pieces.push(Piece::Variable(name));
        }
        rest = next;
    }
    pieces.push(Piece::Literal(rest));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces};
    use crate::Span;

    #[test]
    fn variables_and_literals() {
        let of = |text| pieces(text, Span::NONE).map(|pieces| pieces.into_iter().filter(|p| *p != Piece::Literal("")).collect::<Vec<_>>());
        assert_eq!(of("a${B.C}d").unwrap(), [Piece::Literal("a"), Piece::Variable("B.C"), Piece::Literal("d")]);
        assert_eq!(of("${!B}").unwrap(), [Piece::Dollar, Piece::Literal("B"), Piece::Literal("}")]);
        assert_eq!(of("$x $${A").unwrap(), [Piece::Literal("$x $"), Piece::Dollar, Piece::Literal("A")]);
        assert_eq!(of("${AWS::Region}").unwrap(), [Piece::Variable("AWS::Region")]);
        assert!(of("${A:-x}").is_err());
        assert!(of("${}").is_err());
    }
}
