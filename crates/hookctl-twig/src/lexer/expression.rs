//! Tokens inside of tags.

use super::{Kind, Lexer, Op, Stop, Tag, is_space};
use crate::foreign;
use crate::token::Binary;

impl Lexer<'_> {
    /// One token, or whitespace and one token.
    pub(super) fn expression(&mut self, tag: Tag, start: usize) -> Result<(), Stop> {
        match self.open.last().map(|(bracket, _)| *bracket) {
            Some(b'"') => return self.string_part(),
            Some(b'#') if self.interpolation_end() => return Ok(()),
            _ => {}
        }
        self.eat_while(is_space);
        let from = self.at;
        let Some(byte) = self.byte(0) else {
            return Ok(());
        };
        if byte == b'=' && self.byte(1) == Some(b'>') {
            self.at += 2;
            self.push(Kind::Arrow, from);
        } else if let Some((op, length)) = self.operator(byte) {
            self.at += length;
            self.push(Kind::Op(op), from);
        } else if is_name_start(byte) {
            self.eat_while(|b| is_name_start(b) || b.is_ascii_digit());
            self.push(Kind::Name(&self.code[from..self.at]), from);
        } else if byte.is_ascii_digit() {
            self.number();
        } else if b"()[]{}?:.,|".contains(&byte) {
            self.punctuation(byte)?;
        } else if byte == b'"' || byte == b'\'' {
            self.string(byte)?;
        } else {
            return Err(self.unexpected(tag, start));
        }
        Ok(())
    }

    fn unexpected(&mut self, tag: Tag, start: usize) -> Stop {
        let from = self.at;
        let rest = self.rest();
        let first = tag == Tag::Print && self.code[start..from].trim_end() == "{{";
        if let Some((found, length)) = foreign::character(rest, first) {
            return self.foreign(from, from + length, found);
        }
        let length = rest.chars().next().map_or(0, char::len_utf8);
        self.fail(from, from + length, format!("unexpected character `{}`", &rest[..length]), None)
    }

    fn number(&mut self) {
        let from = self.at;
        self.eat_while(|b| b.is_ascii_digit());
        let mut whole = true;
        if self.byte(0) == Some(b'.') && self.byte(1).is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
            self.eat_while(|b| b.is_ascii_digit());
            whole = false;
        }
        let exponent = matches!(self.byte(0), Some(b'e' | b'E')) && matches!(self.byte(1), Some(b'+' | b'-'));
        if exponent && self.byte(2).is_some_and(|b| b.is_ascii_digit()) {
            self.at += 2;
            self.eat_while(|b| b.is_ascii_digit());
            whole = false;
        }
        let text = &self.code[from..self.at];
        let float: f64 = text.parse().unwrap_or(f64::INFINITY);
        let kind = if whole && float <= i64::MAX as f64 {
            Kind::Int(text.parse().unwrap_or(i64::MAX))
        } else {
            Kind::Float(float)
        };
        self.push(kind, from);
    }

    fn punctuation(&mut self, byte: u8) -> Result<(), Stop> {
        let from = self.at;
        match byte {
            b'(' | b'[' | b'{' => self.open.push((byte, from)),
            b')' | b']' | b'}' => match self.open.pop() {
                None => {
                    let help = "it has no opening bracket".to_owned();
                    return Err(self.fail(from, from + 1, format!("unexpected `{}`", char::from(byte)), Some(help)));
                }
                Some((bracket, place)) if closing(bracket) != byte => return Err(self.unclosed(bracket, place)),
                Some(_) => {}
            },
            _ => {}
        }
        self.at += 1;
        self.push(Kind::Punct(byte), from);
        Ok(())
    }

    /// The operator here and its length. Words need a space or a bracket after them, and no `.` or `|` before.
    fn operator(&self, byte: u8) -> Option<(Op, usize)> {
        let next = self.byte(1);
        let third = self.byte(2);
        Some(match (byte, next) {
            (b'<', Some(b'=')) if third == Some(b'>') => (Op::Binary(Binary::Spaceship), 3),
            (b'<', Some(b'=')) => (Op::Binary(Binary::LessEqual), 2),
            (b'>', Some(b'=')) => (Op::Binary(Binary::GreaterEqual), 2),
            (b'=', Some(b'=')) => (Op::Binary(Binary::Equal), 2),
            (b'!', Some(b'=')) => (Op::Binary(Binary::NotEqual), 2),
            (b'.', Some(b'.')) => (Op::Binary(Binary::Range), 2),
            (b'/', Some(b'/')) => (Op::Binary(Binary::FloorDiv), 2),
            (b'*', Some(b'*')) => (Op::Binary(Binary::Power), 2),
            (b'?', Some(b'?')) => (Op::Coalesce, 2),
            (b'<', _) => (Op::Binary(Binary::Less), 1),
            (b'>', _) => (Op::Binary(Binary::Greater), 1),
            (b'=', _) => (Op::Assign, 1),
            (b'+', _) => (Op::Binary(Binary::Add), 1),
            (b'-', _) => (Op::Binary(Binary::Sub), 1),
            (b'~', _) => (Op::Concat, 1),
            (b'*', _) => (Op::Binary(Binary::Mul), 1),
            (b'/', _) => (Op::Binary(Binary::Div), 1),
            (b'%', _) => (Op::Binary(Binary::Mod), 1),
            (b'a'..=b'z', _) => return self.word_operator(byte),
            _ => return None,
        })
    }

    fn word_operator(&self, byte: u8) -> Option<(Op, usize)> {
        if self.at > 0 && matches!(self.code.as_bytes()[self.at - 1], b'.' | b'|') {
            return None;
        }
        let candidates: &[Op] = match byte {
            b'a' => &[Op::Binary(Binary::And)],
            b'b' => &[Op::Binary(Binary::BitXor), Op::Binary(Binary::BitAnd), Op::Binary(Binary::BitOr)],
            b'e' => &[Op::Binary(Binary::EndsWith)],
            b'h' => &[Op::Binary(Binary::HasEvery), Op::Binary(Binary::HasSome)],
            b'i' => &[Op::IsNot, Op::Binary(Binary::In), Op::Is],
            b'm' => &[Op::Binary(Binary::Matches)],
            b'n' => &[Op::Binary(Binary::NotIn), Op::Not],
            b'o' => &[Op::Binary(Binary::Or)],
            b's' => &[Op::Binary(Binary::StartsWith)],
            _ => return None,
        };
        candidates.iter().find_map(|&op| Some((op, self.words(op.text())?)))
    }

    /// The length of `text` here, any whitespace for its space, if an operator word may end there.
    fn words(&self, text: &str) -> Option<usize> {
        let mut rest = self.rest();
        for (index, word) in text.split(' ').enumerate() {
            if index > 0 {
                let behind = rest.trim_start_matches(super::SPACES);
                if behind.len() == rest.len() {
                    return None;
                }
                rest = behind;
            }
            rest = rest.strip_prefix(word)?;
        }
        let next = *rest.as_bytes().first()?;
        (is_space(next) || b"()[{".contains(&next)).then(|| self.rest().len() - rest.len())
    }
}

fn closing(bracket: u8) -> u8 {
    match bracket {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        _ => 0,
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x7f
}
