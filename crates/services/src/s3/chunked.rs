//! `aws-chunked` bodies: the payload in chunks with their signatures, and checksums behind it.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>
use bytes::{Buf as _, Bytes, BytesMut};

/// The longest line: a size and a signature, or a trailer.
const MAX_LINE: usize = 1024;
/// The most trailers.
const MAX_TRAILERS: usize = 16;

/// Takes the framing away, whatever pieces it arrives in.
#[derive(Debug, Default)]
pub struct Decoder {
    at: At,
    held: BytesMut,
    trailers: Vec<(String, String)>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Size,
    Data(u64),
    /// The line break behind a chunk's data.
    Break,
    Trailers,
    End,
}

/// Bytes that are not framed so.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

impl Decoder {
    /// Takes bytes as they arrived; answers the payload in them.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Bytes>, Malformed> {
        self.held.extend_from_slice(bytes);
        let mut payload = Vec::new();
        loop {
            match self.at {
                At::Data(0) => self.at = At::Break,
                At::Data(left) => {
                    if self.held.is_empty() {
                        return Ok(payload);
                    }
                    let count = self.held.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    payload.push(self.held.split_to(count).freeze());
                    self.at = At::Data(left - u64::try_from(count).unwrap_or(left));
                }
                At::End if self.held.is_empty() => return Ok(payload),
                At::End => return Err(Malformed),
                At::Size | At::Break | At::Trailers => match self.line()? {
                    None => return Ok(payload),
                    Some(line) => self.heed(&line)?,
                },
            }
        }
    }

    /// The trailers, once all has arrived.
    pub fn finish(mut self) -> Result<Vec<(String, String)>, Malformed> {
        // The empty line behind the last chunk is left out by some.
        match self.at {
            At::End => Ok(self.trailers),
            At::Trailers if self.held.is_empty() => Ok(self.trailers),
            At::Trailers => {
                let line = String::from_utf8(self.held.split().to_vec()).map_err(|_| Malformed)?;
                self.heed(&line)?;
                Ok(self.trailers)
            }
            At::Size | At::Data(_) | At::Break => Err(Malformed),
        }
    }

    /// The next line without its end, when it is whole.
    fn line(&mut self) -> Result<Option<String>, Malformed> {
        let Some(end) = self.held.iter().position(|byte| *byte == b'\n') else {
            return if self.held.len() > MAX_LINE { Err(Malformed) } else { Ok(None) };
        };
        if end > MAX_LINE {
            return Err(Malformed);
        }
        let line = self.held.split_to(end);
        self.held.advance(1);
        let line = String::from_utf8(line.to_vec()).map_err(|_| Malformed)?;
        Ok(Some(line.strip_suffix('\r').map_or(line.clone(), str::to_owned)))
    }

    fn heed(&mut self, line: &str) -> Result<(), Malformed> {
        self.at = match self.at {
            At::Size => {
                let size = line.split(';').next().unwrap_or_default().trim();
                let size = u64::from_str_radix(size, 16).map_err(|_| Malformed)?;
                if size == 0 { At::Trailers } else { At::Data(size) }
            }
            At::Break if line.is_empty() => At::Size,
            At::Trailers if line.is_empty() => At::End,
            At::Trailers => {
                let (name, value) = line.split_once(':').ok_or(Malformed)?;
                if self.trailers.len() >= MAX_TRAILERS {
                    return Err(Malformed);
                }
                self.trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                At::Trailers
            }
            At::Break | At::Data(_) | At::End => return Err(Malformed),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str, step: usize) -> Result<(String, Vec<(String, String)>), Malformed> {
        let mut decoder = Decoder::default();
        let mut payload = Vec::new();
        for piece in text.as_bytes().chunks(step) {
            payload.extend(decoder.feed(piece)?.concat());
        }
        Ok((String::from_utf8(payload).unwrap(), decoder.finish()?))
    }

    #[test]
    fn chunks_and_trailers_in_any_pieces() {
        let text = "5;chunk-signature=ab\r\nhello\r\n6\r\n world\r\n0;chunk-signature=cd\r\nx-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:ef\r\n\r\n";
        let trailers = [("x-amz-checksum-crc32", "AAAAAA=="), ("x-amz-trailer-signature", "ef")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        for step in 1..text.len() {
            assert_eq!(decode(text, step), Ok(("hello world".to_owned(), trailers.to_vec())), "{step}");
        }
        assert_eq!(decode("0\r\n\r\n", 3), Ok((String::new(), vec![])));
        assert_eq!(decode("1\r\na\r\n0\r\nx:y", 2), Ok(("a".to_owned(), vec![("x".to_owned(), "y".to_owned())])));
    }

    #[test]
    fn broken_frames_are_refused() {
        let long = format!("5;{}\r\nhello\r\n0\r\n\r\n", "x".repeat(MAX_LINE));
        for text in ["5\r\nhel", "g\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "0\r\nnothing\r\n\r\n", "0\r\n\r\nmore", "", &long] {
            assert_eq!(decode(text, 4), Err(Malformed), "{text}");
        }
    }
}
