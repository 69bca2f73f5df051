//! A pattern of commands: the beginning of an argument vector, word by word.

/// The beginning of a command, as one string of the configuration says it.
#[derive(Clone, PartialEq, Eq)]
pub struct Pattern {
    words: Vec<Word>,
    /// It ends with `**`.
    any_rest: bool,
}

/// One word of a pattern.
#[derive(Clone, PartialEq, Eq)]
pub enum Word {
    /// Exactly this.
    Exactly(String),
    /// `*`: one word, whatever it is, but no option.
    Any,
}

/// What a shell would read otherwise than it stands there.
const SHELL: &[char] = &['|', '&', ';', '<', '>', '$', '`', '"', '\'', '\\', '(', ')'];

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// It cannot be one: what is wrong with it, without quoting it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut parts: Vec<&str> = text.split_whitespace().collect();
        let any_rest = parts.last() == Some(&"**");
        if any_rest {
            parts.pop();
        }
        match parts.first() {
            None if any_rest => return Err("begins with `**`: name the command itself first"),
            None => return Err("is empty: write the beginning of a command, like `git push`"),
            Some(&"*") => return Err("begins with `*`: name the command itself first"),
            Some(tool) if tool.contains(['/', '=']) || tool.starts_with('-') => {
                return Err("begins with a path, an option or a variable: a command is named as it is found by PATH");
            }
            Some(_) => {}
        }
        if text.contains(SHELL) {
            return Err("is shell text: write the words of one command, as they are without quotes and variables");
        }
        let word = |part: &str| match part {
            "*" => Ok(Word::Any),
            "**" => Err("has a `**` that is not its end"),
            part if part.contains('*') => Err("has a `*` within a word: it stands for a whole word"),
            part => Ok(Word::Exactly(part.to_owned())),
        };
        Ok(Self { words: parts.into_iter().map(word).collect::<Result<_, _>>()?, any_rest })
    }

    /// The command's name.
    pub fn tool(&self) -> &str {
        match self.words.first() {
            Some(Word::Exactly(tool)) => tool,
            Some(Word::Any) | None => "",
        }
    }

    /// The words behind the command's name.
    pub fn words(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }

    /// Whether any words may follow, options that nobody named among them.
    pub fn any_rest(&self) -> bool {
        self.any_rest
    }

    /// Whether each command that fits `other` fits this one as well.
    pub fn covers(&self, other: &Self) -> bool {
        let wider = |(mine, others): (&Word, &Word)| match mine {
            // An option that is written out is no word that `*` stands for.
            Word::Any => !matches!(others, Word::Exactly(word) if word.starts_with('-')),
            Word::Exactly(_) => mine == others,
        };
        self.words.len() <= other.words.len()
            && self.words.iter().zip(&other.words).all(wider)
            && (self.any_rest
                || !other.any_rest && {
                    let behind = &other.words[self.words.len()..];
                    !behind.iter().any(|word| matches!(word, Word::Exactly(word) if word.starts_with('-')))
                })
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, word) in self.words.iter().enumerate() {
            let gap = if i == 0 { "" } else { " " };
            match word {
                Word::Exactly(word) => write!(f, "{gap}{word}")?,
                Word::Any => write!(f, "{gap}*")?,
            }
        }
        f.write_str(if self.any_rest { " **" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong}"))
    }

    #[test]
    fn a_pattern_is_words_and_is_shown_as_it_was_written() {
        for text in ["git push", "git fetch origin *", "gh pr **", "psql -h db.local -c *", "make"] {
            assert_eq!(pattern(text).to_string(), text);
        }
        assert_eq!(pattern("  git   push ").to_string(), "git push");
    }

    #[test]
    fn what_is_no_beginning_of_a_command_is_refused() {
        for text in ["", "  ", "*", "**", "* push", "git ** push", "git push feature/*", "/usr/bin/git push", "A=b git"]
        {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
        for text in ["git push && env", "git push $X", "gh pr `x`", "git push 'a b'", "-c x"] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn one_pattern_covers_another() {
        let covers = |wide: &str, narrow: &str| pattern(wide).covers(&pattern(narrow));
        assert!(covers("git push", "git push origin") && !covers("git push origin", "git push"));
        assert!(covers("git push *", "git push origin main") && !covers("git push origin", "git push *"));
        assert!(covers("git **", "git push **") && !covers("git push", "git push **"));
        assert!(!covers("git push", "git push --force") && covers("git push **", "git push --force"));
        assert!(!covers("git *", "git --version") && !covers("git push", "gh push"));
    }
}
