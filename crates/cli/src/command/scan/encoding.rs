//! UTF-16 as UTF-8: what Windows writes into files (`> .env` in its PowerShell) is searched as the text that it is.

use std::io::{self, Read};

/// The order of the two bytes of a unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// The lower byte first.
    Little,
    /// The higher byte first.
    Big,
}

/// Reads UTF-16 and gives UTF-8. What is no character becomes U+FFFD.
pub struct Utf16<R> {
    order: Order,
    reader: R,
    /// The first half of a pair, or of a unit, that is not complete yet.
    raw: Vec<u8>,
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

impl Utf16<()> {
    /// The order that a byte order mark at the start of a text names.
    pub fn of_mark(start: &[u8]) -> Option<Order> {
        match start {
            [0xff, 0xfe, 0, 0, ..] => None, // UTF-32
            [0xff, 0xfe, ..] => Some(Order::Little),
            [0xfe, 0xff, ..] => Some(Order::Big),
            _ => None,
        }
    }
}

impl<R: Read> Utf16<R> {
    /// Reads what stands behind the mark.
    pub fn new(order: Order, reader: R) -> Self {
        Self { order, reader, raw: Vec::new(), text: Vec::new(), given: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        (self.given, self.text) = (0, Vec::new());
        self.ended = self.reader.by_ref().take(32 << 10).read_to_end(&mut self.raw)? == 0;
        let mut units: Vec<u16> = self
            .raw
            .chunks_exact(2)
            .map(|pair| match self.order {
                Order::Little => u16::from_le_bytes([pair[0], pair[1]]),
                Order::Big => u16::from_be_bytes([pair[0], pair[1]]),
            })
            .collect();
        if !self.ended && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            units.pop();
        }
        self.raw.drain(..2 * units.len());
        if self.ended && !self.raw.is_empty() {
            self.raw.clear();
            units.push(0xfffd);
        }
        let text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.text = text.into_bytes();
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.ended {
            self.refill()?;
        }
        let length = out.len().min(self.text.len() - self.given);
        out[..length].copy_from_slice(&self.text[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_come_out_however_they_are_cut() {
        let text = "KEY=é€😀\r\n".repeat(9000);
        for order in [Order::Little, Order::Big] {
            let bytes = |unit: u16| if order == Order::Little { unit.to_le_bytes() } else { unit.to_be_bytes() };
            let raw: Vec<u8> = std::iter::once(b'\0').chain(text.encode_utf16().flat_map(bytes)).skip(1).collect();
            let mut read = String::new();
            Utf16::new(order, &raw[..]).read_to_string(&mut read).expect("it is UTF-8");
            assert!(read == text);
            let mut cut = String::new();
            Utf16::new(order, &raw[..9]).read_to_string(&mut cut).expect("it is UTF-8");
            assert_eq!(cut, "KEY=\u{fffd}");
        }
    }

    #[test]
    fn a_mark_names_the_order() {
        assert_eq!(Utf16::of_mark(b"\xff\xfea\0"), Some(Order::Little));
        assert_eq!(Utf16::of_mark(b"\xfe\xff\0a"), Some(Order::Big));
        assert_eq!(Utf16::of_mark(b"\xff\xfe\0\0"), None);
        assert_eq!(Utf16::of_mark(b"ab"), None);
    }
}
