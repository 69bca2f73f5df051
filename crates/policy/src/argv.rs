//! A command line, read as its tool reads it: which words are options, which are their values, which is the command.

use std::ffi::{OsStr, OsString};

use crate::tools::{self, Command, Objection, Options, Refused, Tool, among};

/// A command line.
pub(crate) struct Call<'a> {
    /// The name of the program, without its folder.
    pub name: String,
    /// What is known of it.
    pub tool: Option<&'static Tool>,
    /// The words behind the name.
    pub words: Vec<Word<'a>>,
    /// The tool's command, if it has commands and this one is known.
    pub command: Option<&'static Command>,
    /// An option that is refused in any case.
    pub refused: Option<Objection>,
}

/// One word of a command line.
pub(crate) struct Word<'a> {
    /// As it stands there.
    pub bytes: &'a [u8],
    /// What it is.
    pub role: Role,
}

/// What a word of a command line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Neither option nor value.
    Operand,
    /// One or several options, harmless.
    Harmless,
    /// An option that nobody knows, or that a pattern has to name.
    Unnamed,
    /// The value of the harmless option before it.
    Value,
    /// The value of an option that a pattern has to name.
    UnnamedValue,
    /// `--`: what follows is no option.
    End,
}

/// Whether the next word is an option's value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Nothing,
    Value,
    Unknown,
}

impl Wants {
    fn value_if(it_is_next: bool) -> Self {
        if it_is_next { Self::Value } else { Self::Nothing }
    }

    /// Of an option that nobody knows: it has its value, or may want one.
    fn unknown_if(it_may_be_next: bool) -> Self {
        if it_may_be_next { Self::Unknown } else { Self::Nothing }
    }
}

/// What an option is, by the lists of its tool.
enum Kind {
    Plain,
    Valued,
    Named,
    Refused(&'static Refused),
    Unknown,
}

impl<'a> Call<'a> {
    /// Reads a command line; `None` if it has not even a name.
    pub(crate) fn read(argv: &'a [OsString]) -> Option<Self> {
        let (first, rest) = argv.split_first()?;
        let name = std::path::Path::new(first).file_name().and_then(OsStr::to_str)?.to_owned();
        let name = if cfg!(windows) { name.to_ascii_lowercase().trim_end_matches(".exe").to_owned() } else { name };
        let tool = tools::known(without_version(&name));
        let mut call = Self { name, tool, words: Vec::with_capacity(rest.len()), command: None, refused: None };
        let (mut no_more_options, mut value_of, mut may_want_value) = (false, None, false);
        for word in rest {
            let bytes = word.as_encoded_bytes();
            let role = if let Some(role) = value_of.take() {
                role
            } else if no_more_options || bytes == b"-" || !bytes.starts_with(b"-") {
                if call.command.is_none() && !call.words.iter().any(|word| word.role == Role::Operand) {
                    call.command = call.known_command(bytes);
                }
                Role::Operand
            } else if bytes == b"--" {
                // It may be the value of an option that nobody knows: then what follows can be options.
                no_more_options = !may_want_value;
                if may_want_value { Role::Unnamed } else { Role::End }
            } else {
                let (role, wants) = call.option(bytes);
                let of_option = if role == Role::Harmless { Role::Value } else { Role::UnnamedValue };
                value_of = (wants == Wants::Value).then_some(of_option);
                may_want_value = wants == Wants::Unknown;
                call.words.push(Word { bytes, role });
                continue;
            };
            may_want_value = false;
            call.words.push(Word { bytes, role });
        }
        Some(call)
    }

    fn known_command(&self, word: &[u8]) -> Option<&'static Command> {
        let word = std::str::from_utf8(word).ok()?;
        self.tool?.commands.iter().find(|command| among(command.names, word))
    }

    /// The words that are neither options nor their values, the command included.
    pub(crate) fn operands(&self) -> impl Iterator<Item = &'a [u8]> + '_ {
        self.words.iter().filter(|word| word.role == Role::Operand).map(|word| word.bytes)
    }

    /// The values of an option in all its spellings, wherever it stands: `-c x`, `-cx`, `-Atc x`, `--command=x`.
    pub(crate) fn values(&self, short: Option<u8>, long: &str) -> Vec<&'a [u8]> {
        let mut values = Vec::new();
        for (at, word) in
            self.words.iter().enumerate().filter(|(_, word)| matches!(word.role, Role::Harmless | Role::Unnamed))
        {
            let next = || self.words.get(at + 1).map(|next| next.bytes);
            if word.bytes.starts_with(b"--") {
                let (name, attached) = split(word.bytes);
                let abbreviated = self.tool.is_some_and(|tool| tool.abbreviates)
                    && name.len() > 2
                    && long.as_bytes().starts_with(name);
                if name == long.as_bytes() || abbreviated {
                    values.extend(attached.or_else(next));
                }
            } else if let Some(short) = short {
                let mut rest = &word.bytes[1..];
                while let Some((letter, behind)) = rest.split_first() {
                    let takes_value = matches!(self.kind(&[b'-', *letter]), Kind::Valued | Kind::Named);
                    if *letter == short {
                        values.extend(if behind.is_empty() { next() } else { Some(behind) });
                    }
                    if takes_value {
                        break;
                    }
                    rest = behind;
                }
            }
        }
        values
    }

    /// What an option word is, and whether the next word is its value.
    fn option(&mut self, word: &[u8]) -> (Role, Wants) {
        if word.starts_with(b"--") {
            let (name, attached) = split(word);
            return match self.kind(name) {
                Kind::Plain => (Role::Harmless, Wants::Nothing),
                Kind::Valued => (Role::Harmless, Wants::value_if(attached.is_none())),
                Kind::Named => (Role::Unnamed, Wants::value_if(attached.is_none())),
                Kind::Refused(refused) => {
                    (self.refuse(refused, word), Wants::value_if(refused.has_value && attached.is_none()))
                }
                Kind::Unknown => (self.unlisted(), Wants::unknown_if(attached.is_none())),
            };
        }
        let mut letters = &word[1..];
        while let Some((letter, behind)) = letters.split_first() {
            match self.kind(&[b'-', *letter]) {
                Kind::Plain => letters = behind,
                Kind::Valued => return (Role::Harmless, Wants::value_if(behind.is_empty())),
                Kind::Named => return (Role::Unnamed, Wants::value_if(behind.is_empty())),
                Kind::Refused(refused) => {
                    let wants = Wants::value_if(refused.has_value && behind.is_empty());
                    return (self.refuse(refused, word), wants);
                }
                // `-9` as a number, `-x` of who knows what: what follows in the word may be anything.
                Kind::Unknown => return (self.unlisted(), Wants::Unknown),
            }
        }
        (Role::Harmless, Wants::Nothing)
    }

    fn unlisted(&self) -> Role {
        // Before its command even a harmless option might take the command for its value.
        let settled =
            self.tool.is_some_and(|tool| tool.rest_is_harmless && (tool.commands.is_empty() || self.command.is_some()));
        if settled { Role::Harmless } else { Role::Unnamed }
    }

    fn refuse(&mut self, Refused { names, why, .. }: &Refused, word: &[u8]) -> Role {
        let source = self.tool.map_or("", |tool| tool.source);
        // As it was written, if that can be told apart from a value.
        let (said, letter) = (split(word).0, word.get(..2).unwrap_or_default());
        let written = names.split(' ').find(|name| said == name.as_bytes() || letter == name.as_bytes());
        let written = written.or_else(|| names.split(' ').find(|name| name.as_bytes().starts_with(said)));
        let option = written.or_else(|| names.split(' ').next_back()).unwrap_or_default();
        self.refused.get_or_insert_with(|| Objection::escapes(source, format!("`{} … {option}` {why}", self.name)));
        Role::Unnamed
    }

    fn kind(&self, option: &[u8]) -> Kind {
        let (Some(tool), Ok(option)) = (self.tool, std::str::from_utf8(option)) else { return Kind::Unknown };
        let of_command = self.command.map(|command| &command.options);
        // Options of the tool itself may stand behind the command too, unless the command has one of that name.
        let before = tool.commands.is_empty() || self.command.is_none() || tool.rest_is_harmless;
        let lists = || of_command.into_iter().chain(before.then_some(&tool.general));
        if let Some(kind) = lists().find_map(|list| listed(list, option)) {
            return kind;
        }
        let abbreviated = |names: &str| {
            tool.abbreviates
                && option.len() > 2
                && names.split(' ').any(|name| name.starts_with(option) && name.len() > 2)
        };
        for list in lists() {
            if let Some(refused) = list.refused.iter().find(|refused| abbreviated(refused.names)) {
                return Kind::Refused(refused);
            }
        }
        Kind::Unknown
    }
}

fn listed(list: &'static Options, option: &str) -> Option<Kind> {
    // `--no-tags` is the opposite of `--tags`, and as harmless.
    let positive = option.strip_prefix("--no-").map(|name| format!("--{name}"));
    if let Some(refused) = list.refused.iter().find(|refused| among(refused.names, option)) {
        return Some(Kind::Refused(refused));
    }
    if among(list.plain, option) || positive.is_some_and(|name| among(list.plain, &name) || among(list.valued, &name)) {
        return Some(Kind::Plain);
    }
    if among(list.valued, option) {
        return Some(Kind::Valued);
    }
    among(list.named, option).then_some(Kind::Named)
}

/// A long option and the value behind its `=`.
fn split(word: &[u8]) -> (&[u8], Option<&[u8]>) {
    match word.iter().position(|b| *b == b'=') {
        Some(at) => (&word[..at], Some(&word[at + 1..])),
        None => (word, None),
    }
}

/// `python3.12` is `python`.
pub(crate) fn without_version(name: &str) -> &str {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    if plain.is_empty() { name } else { plain }
}
