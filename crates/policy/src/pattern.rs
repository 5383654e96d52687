//! Text with wildcards and policy variables, compiled once.
//!
//! Matching walks pattern and text with one remembered `*`, so it costs at most `pattern × text` steps; a pattern such
//! as `*a*a*a*b` cannot make it exponential. `*` and `?` cross `/` and `:`, as in IAM.

use crate::PolicyError;
use crate::request::{ContextKeys, Found};
use std::borrow::Cow;

/// One compiled text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern {
    /// As written in the document.
    pub(crate) written: String,
    pieces: Pieces,
}

#[derive(Debug, Clone, PartialEq)]
enum Pieces {
    /// No variable: ready to match.
    Fixed(Vec<Token>),
    /// Variables are filled in per request.
    Open(Vec<Piece>),
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Token(Token),
    Variable { key: String, default: Option<String> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Char(char),
    One,
    Any,
}

/// Whether a pattern matched; the last two are neither yes nor no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hit {
    Yes,
    No,
    /// A variable stands for a value that the caller does not know.
    Unknown(String),
    /// A variable has no value in this request.
    Unresolved(String),
}

impl From<bool> for Hit {
    fn from(yes: bool) -> Self {
        if yes { Hit::Yes } else { Hit::No }
    }
}

/// How a text is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// `${…}` are policy variables (policy version 2012-10-17 only).
    pub(crate) variables: bool,
}

impl Pattern {
    pub(crate) fn compile(text: &str, reading: Reading) -> Result<Self, PolicyError> {
        let mut pieces: Vec<Piece> = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if reading.variables && rest.starts_with("${") {
                let (piece, after) = variable(rest).ok_or_else(|| PolicyError::Variable(text.to_owned()))?;
                pieces.push(piece);
                rest = after;
                continue;
            }
            let token = match c {
                '*' if reading.wildcards => Token::Any,
                '?' if reading.wildcards => Token::One,
                other => Token::Char(other),
            };
            // `**` says no more than `*`.
            if token != Token::Any || pieces.last() != Some(&Piece::Token(Token::Any)) {
                pieces.push(Piece::Token(token));
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        let fixed: Option<Vec<Token>> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Token(token) => Some(*token),
                Piece::Variable { .. } => None,
            })
            .collect();
        let pieces = fixed.map_or(Pieces::Open(pieces), Pieces::Fixed);
        Ok(Self { written: text.to_owned(), pieces })
    }

    /// Whether the whole of `text` matches.
    pub(crate) fn matches(&self, text: &str, fold: Fold, keys: &dyn ContextKeys) -> Hit {
        match self.resolve(keys) {
            Ok(tokens) => glob(&tokens, text, fold).into(),
            Err(hit) => hit,
        }
    }

    /// Whether `text` is an ARN whose six parts match the six parts of this pattern, each on its own.
    pub(crate) fn matches_arn(&self, text: &str, keys: &dyn ContextKeys) -> Hit {
        let tokens = match self.resolve(keys) {
            Ok(tokens) => tokens,
            Err(hit) => return hit,
        };
        if !text.starts_with("arn:") {
            return Hit::No;
        }
        let mut patterns = tokens.splitn(6, |token| *token == Token::Char(':'));
        let mut parts = text.splitn(6, ':');
        loop {
            match (patterns.next(), parts.next()) {
                (None, None) => return Hit::Yes,
                (Some(pattern), Some(part)) if glob(pattern, part, Fold::Exact) => {}
                // A pattern with fewer parts than the ARN names no ARN.
                _ => return Hit::No,
            }
        }
    }

    /// Fills in the variables. A value is literal: a `*` that came in through a tag is no wildcard.
    fn resolve(&self, keys: &dyn ContextKeys) -> Result<Cow<'_, [Token]>, Hit> {
        let pieces = match &self.pieces {
            Pieces::Fixed(tokens) => return Ok(Cow::Borrowed(tokens)),
            Pieces::Open(pieces) => pieces,
        };
        let mut tokens = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Token(token) => tokens.push(*token),
                Piece::Variable { key, default } => match (keys.find(key), default) {
                    (Found::One(value), _) => tokens.extend(value.chars().map(Token::Char)),
                    (Found::Unknown, _) => return Err(Hit::Unknown(key.clone())),
                    (Found::Absent, Some(value)) => tokens.extend(value.chars().map(Token::Char)),
                    // A multivalued key cannot stand for one text.
                    (Found::Absent | Found::Many(_), _) => {
                        return Err(Hit::Unresolved(key.clone()));
                    }
                },
            }
        }
        Ok(Cow::Owned(tokens))
    }
}

/// Reads `${…}` at the start of `text`; gives the piece and what follows it.
fn variable(text: &str) -> Option<(Piece, &str)> {
    let (inside, after) = text.strip_prefix("${")?.split_once('}')?;
    let literal = |c| Some((Piece::Token(Token::Char(c)), after));
    match inside {
        "*" => return literal('*'),
        "?" => return literal('?'),
        "$" => return literal('$'),
        _ => {}
    }
    let (key, default) = match inside.split_once(',') {
        None => (inside.trim(), None),
        Some((key, default)) => {
            let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            (key.trim(), Some(default.to_owned()))
        }
    };
    let named = key.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
    let clean = !key.contains(['$', '{', '*', '?']);
    (named && clean).then(|| (Piece::Variable { key: key.to_lowercase(), default }, after))
}

/// How letters compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fold {
    Exact,
    IgnoreCase,
}

impl Fold {
    fn same(self, a: char, b: char) -> bool {
        a == b || (self == Fold::IgnoreCase && (a.eq_ignore_ascii_case(&b) || (!a.is_ascii() && a.to_lowercase().eq(b.to_lowercase()))))
    }
}

/// Whether the tokens match the whole text. Only the last `*` is ever tried again: an earlier one cannot help once a
/// later one has been reached.
pub(crate) fn glob(pattern: &[Token], text: &str, fold: Fold) -> bool {
    let mut at = 0;
    let mut rest = text;
    let mut star: Option<(usize, &str)> = None;
    loop {
        let token = pattern.get(at).copied();
        let next = rest.chars().next();
        match (token, next) {
            (Some(Token::Any), _) => {
                at += 1;
                if at == pattern.len() {
                    return true;
                }
                star = Some((at, rest));
                continue;
            }
            (Some(Token::One), Some(c)) => {
                at += 1;
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
                continue;
            }
            (Some(Token::Char(wanted)), Some(c)) if fold.same(wanted, c) => {
                at += 1;
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        // Dead end: let the last star take one character more.
        match star.take() {
            Some((after, from)) => match from.chars().next() {
                Some(c) => {
                    at = after;
                    rest = from.get(c.len_utf8()..).unwrap_or_default();
                    star = Some((after, rest));
                }
                None => return false,
            },
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests;
