//! From a keyword to the value that is assigned to it, in any syntax.
//!
//! `KEY=v`, `key: v`, `"key": "v"` (quotes escaped any number of times), `key => 'v'`, `--key v`, `<key>v</key>`,
//! `set("KEY", "v")`, `name: KEY` + `value: v`, a CSV row or column: the parser walks over what joins a name to its value
//! and yields the places where a value stands, with how tightly each is tied to the keyword. Whether a value is a secret is
//! not its business (see [`crate::judge`]). But for tables it looks at the keyword's line and the few behind it, never
//! further.

use std::ops::Range;

pub(crate) use columns::open_table;
use walk::{Operator, Walk};

mod bridge;
mod columns;
mod lead;
mod value;
mod walk;

/// How a value is tied to its keyword.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tie {
    /// By an operator: `=`, `:`, `=>`, or as a tag's content.
    Assigned,
    /// By an operator, the value in quotes.
    Quoted,
    /// As an argument of the same call, or in a cell of the same row or column.
    Listed,
    /// By a blank after a flag: `--password v`.
    Flag,
    /// By a blank alone.
    Beside,
}

/// A place where a value stands.
#[derive(Clone)]
pub(crate) struct Slot {
    pub span: Range<usize>,
    pub tie: Tie,
}

/// A name that contains a keyword.
pub(crate) struct Name<'t> {
    /// What stands before the keyword in the same name: `public_` of `public_key`.
    pub head: &'t [u8],
    /// The keyword.
    pub keyword: &'t [u8],
    /// What stands after it: `_file` of `password_file`.
    pub tail: &'t [u8],
    /// Where the whole name starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// No more places than this are looked at for one keyword.
const MOST_SLOTS: usize = 8;
/// No value is longer.
const LONGEST: usize = 2048;

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte == b'.'
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// No line that heads a table is longer.
const LONGEST_HEADER: usize = 1024;

/// Where the line that `at` stands in begins.
///
/// No further back than a header can be long: a text may be one endless line, and every name in it asks.
fn line_start(text: &[u8], at: usize) -> usize {
    let floor = at.saturating_sub(LONGEST_HEADER);
    memchr::memrchr(b'\n', &text[floor..at]).map_or(floor, |i| floor + i + 1)
}

impl<'t> Name<'t> {
    /// The name around a keyword.
    pub fn around(text: &'t [u8], keyword: Range<usize>) -> Self {
        let floor = keyword.start.saturating_sub(64);
        let mut start = keyword.start;
        while start > floor && is_name(text[start - 1]) {
            start -= 1;
        }
        // The letter of an escape (`\n`) is not part of the name.
        if start > 0 && text[start - 1] == b'\\' && start < keyword.start {
            start += 1;
        }
        let mut end = keyword.end;
        while end < text.len() && end < keyword.end + 48 && is_name(text[end]) {
            // `token-` or `key.` at the end of a word is punctuation.
            let joins = text[end] == b'-' || text[end] == b'.';
            if joins && !text.get(end + 1).copied().is_some_and(|b| b.is_ascii_alphanumeric()) {
                break;
            }
            end += 1;
        }
        let (head, tail) = (&text[start..keyword.start], &text[keyword.end..end]);
        Self { head, keyword: &text[keyword], tail, start, end }
    }

    /// Where the name stands.
    pub fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether it names a flag of a command: `--password`.
    fn is_flag(&self) -> bool {
        self.head.starts_with(b"-")
    }

    /// Whether it may be called to set what it names: `setPassword(`, `.apiToken(`; not `getToken(`.
    fn is_setter(&self) -> bool {
        const SETS: [&[u8]; 3] = [b"set", b"with", b"use"];
        const READS: [&[u8]; 8] = [b"get", b"has", b"is", b"find", b"parse", b"check", b"validate", b"require"];
        let verb = &self.head[self.head.iter().rposition(|b| *b == b'.').map_or(0, |i| i + 1)..];
        let begins = |words: &[&[u8]]| {
            words.iter().any(|w| verb.get(..w.len()).is_some_and(|head| head.eq_ignore_ascii_case(w)))
        };
        verb.is_empty() || begins(&SETS) || self.head.contains(&b'.') && !begins(&READS)
    }
}

/// The places where a value for `name` may stand, nearest first.
pub(crate) fn slots(text: &[u8], name: &Name<'_>) -> Vec<Slot> {
    let mut walk = Walk::new(text, name.end);
    if walk.opening_tag(name.start) {
        return walk.tag_content();
    }
    let below = columns::below(text, name);
    if !below.is_empty() {
        return below;
    }
    let closed = walk.close();
    if bridge::cross(&mut walk, name) || closed && bridge::into_part(&mut walk, name) {
        return walk.values(Tie::Assigned);
    }
    if !closed && bridge::into_next_cell(&mut walk, name) {
        return walk.tag_content();
    }
    if bridge::into_next(&mut walk, name) || bridge::into_spelled_tag(&mut walk, name) {
        return walk.values(Tie::Assigned);
    }
    if !closed && walk.peek() == Some(b'{') {
        return walk.only_argument().into_iter().collect();
    }
    if !closed && walk.peek() == Some(b'(') && name.is_setter() {
        return walk.only_argument().into_iter().collect();
    }
    // `md5(password) -> …`, `Key (token)=(…)`: what follows belongs to the call.
    let in_call = text[..walk.at].ends_with(b")");
    let gap = walk.skip_blanks(16) > 0;
    walk.accessors();
    if gap {
        walk.default_in_brackets();
    }
    match walk.operator() {
        Operator::Assign | Operator::Dash if in_call => Vec::new(),
        Operator::Assign => walk.assigned(),
        Operator::Or => walk.quoted_value(Tie::Quoted).into_iter().collect(),
        Operator::Compare => walk.quoted_value(Tie::Listed).into_iter().collect(),
        Operator::Dash => walk.beside(Tie::Beside).into_iter().collect(),
        Operator::Comma if closed => walk.arguments(columns::is_argument(text, name)),
        Operator::Comma if is_option(text, name) => walk.arguments(true),
        Operator::Comma if columns::is_cell(text, name) => walk.cells(),
        Operator::None if gap => behind_a_blank(&mut walk, name),
        Operator::Comma | Operator::None => Vec::new(),
    }
}

/// `setopt(curl, CURLOPT_PASSWORD, "v")`: a constant among the arguments of a call.
fn is_option(text: &[u8], name: &Name<'_>) -> bool {
    let constant = |part: &[u8]| part.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_');
    let called = &text[line_start(text, name.start)..name.start];
    constant(name.head) && constant(name.keyword) && constant(name.tail) && called.contains(&b'(')
}

/// `--password v`, `PASSWORD 'v'` (SQL), `password v` alone on its line (a netrc), `string token = "v"`, `the key is v`.
fn behind_a_blank(walk: &mut Walk<'_>, name: &Name<'_>) -> Vec<Slot> {
    if walk.type_before_equals() {
        return walk.assigned();
    }
    if walk.eat(b"to ") {
        return walk.quoted_value(Tie::Quoted).into_iter().collect();
    }
    if walk.eat(b"is ") || walk.eat(b"of ") || walk.eat(b"was ") {
        walk.skip_blanks(4);
        walk.eat(b"now ");
    } else if walk.eat(b"is: ") || walk.eat(b"was: ") {
        return walk.values(Tie::Assigned);
    }
    let flag = name.is_flag() || walk.is_alone_with(name.start) || matches!(walk.peek(), Some(b'\'' | b'"'));
    walk.beside(if flag { Tie::Flag } else { Tie::Beside }).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use crate::{ScanError, Scanner};

    /// Scans each text and compares what would go with what stands between `«` and `»`. `¦` breaks the values up so that
    /// scanners stay quiet over this file.
    fn check(table: &[&str]) {
        let scanner = Scanner::builtin().expect("the table is whole");
        for line in table {
            let marked = line.replace('¦', "");
            let text = marked.replace(['«', '»'], "");
            let wanted: Vec<&str> = marked.split('«').skip(1).filter_map(|part| part.split('»').next()).collect();
            let findings = scanner.findings(text.as_bytes()).expect("the scan is short");
            let found: Vec<&str> = findings.iter().map(|f| &text[f.span.clone()]).collect();
            assert_eq!(found, wanted, "in {text:?}");
        }
    }

    #[test]
    fn a_value_is_found_in_any_syntax_of_assignment() {
        check(&[
            "DB_PASSWORD=«v7¦Lq2!xRt8»\nLANG=C",
            "config.password = '«v7¦Lq2!xRt8»'",
            "db:\n  password: «v7¦Lq2!xRt8» # prod",
            "apiToken := `«k3V9¦ZpLq2xRt8WbN5mYc»`",
            "var apiToken string = \"«k3V9¦ZpLq2xRt8WbN5mYc»\"",
            "static API_TOKEN: &'static str = \"«k3V9¦ZpLq2xRt8WbN5mYc»\";",
            "const char api_token[] = \"«k3V9¦ZpLq2xRt8WbN5mYc»\";",
            "public string Password { get; set; } = \"«v7¦Lq2!xRt8»\";",
            "const p = process.env.PASSWORD || '«v7¦Lq2!xRt8»';",
            "mapOf(\"password\" to \"«v7¦Lq2!xRt8»\")",
            "GET /v1?user=a&api_token=«k3V9¦ZpLq2xRt8WbN5mYc»&x=1 HTTP/1.1",
            "Server=h;User ID=sa;Password=«v7¦Lq2!xRt8»;Encrypt=True",
        ]);
    }

    #[test]
    fn a_value_is_found_as_an_argument() {
        check(&[
            "ds.setPassword(\"«v7¦Lq2!xRt8»\");",
            "client.apiToken(\"«k3V9¦ZpLq2xRt8WbN5mYc»\")",
            "define('DB_PASSWORD', '«v7¦Lq2!xRt8»');",
            "os.environ.get(\"API_TOKEN\", \"«k3V9¦ZpLq2xRt8WbN5mYc»\")",
            "acme login --password «v7¦Lq2!xRt8» --region eu",
            "curl_easy_setopt(curl, CURLOPT_PASSWORD, \"«v7¦Lq2!xRt8»\");",
            "let password = String::from(\"«v7¦Lq2!xRt8»\");",
        ]);
    }

    #[test]
    fn a_value_is_found_in_a_record_of_name_and_value() {
        check(&[
            "- name: DB_PASSWORD\n  value: «v7¦Lq2!xRt8»\n- name: PORT\n  value: 80",
            "{\"name\": \"API_TOKEN\", \"value\": \"«k3V9¦ZpLq2xRt8WbN5mYc»\"}",
            "<name>password</name>\n  <value>«v7¦Lq2!xRt8»</value>",
            "<key>password</key>\n<string>«v7¦Lq2!xRt8»</string>",
            "<entry key=\"password\">«v7¦Lq2!xRt8»</entry>",
            "\"db_password\": {\n  \"sensitive\": true,\n  \"value\": \"«v7¦Lq2!xRt8»\"\n}",
            "{\"Name\": \"/prod/db/password\", \"Type\": \"String\", \"Value\": \"«v7¦Lq2!xRt8»\"}",
            "+ set {\n    + name  = \"api_token\"\n    + value = \"«k3V9¦ZpLq2xRt8WbN5mYc»\"\n  }",
            "<wsse:Password Type=\"#PasswordText\">«v7¦Lq2!xRt8»</wsse:Password>",
            "{\"a\": \"{\\\"b\\\": \\\"\\\\\\\"name\\\\\\\": \\\\\\\"API_TOKEN\\\\\\\",\\\\n  \\\\\\\"value\\\\\\\": \\\\\\\"«k3V9¦ZpLq2xRt8WbN5mYc»\\\\\\\"\\\"}\"}",
            "<AdministratorPassword>\n  <Value>«v7¦Lq2!xRt8»</Value>\n</AdministratorPassword>",
            "variable \"db_password\" {\n  type = string\n  default = \"«v7¦Lq2!xRt8»\"\n}",
        ]);
    }

    #[test]
    fn a_value_is_found_below_the_head_of_its_column() {
        check(&[
            "id,user,password,created\n1,ann,«v7¦Lq2!xRt8»,2026\n2,bob,«h4Zk9¦pQmW2s»,2026\n",
            " id | password\n----+----------\n  1 | «v7¦Lq2!xRt8»\n",
            "INSERT INTO users (id, password) VALUES (1, '«v7¦Lq2!xRt8»'), (2, '«h4Zk9¦pQmW2s»');",
            "password,eu-west-1,«v7¦Lq2!xRt8»,2026-03-02T10:27:00Z\n",
        ]);
    }

    #[test]
    fn a_row_is_no_head_though_its_words_could_be() {
        check(&[
            "key,value\nAPI_TOKEN,«k3V¦ZpLqxRtWbN5mYcDwFhJsGkAv»\nHOST,b\n",
            "API_TOKEN\t«k3V¦ZpLqxRtWbN5mYcDwFhJsGkAv»\nHOST\tb\n",
        ]);
    }

    /// Many heads, each of which could be a row of the one before: every table is read once, or the text refused.
    #[test]
    fn tables_of_heads_take_no_time() {
        let scanner = Scanner::builtin().expect("the table is whole");
        for line in [
            "password,".repeat(100) + "x\n",
            "| password |\n".to_owned(),
            format!("COPY t ({}x) FROM stdin;\n", "password,".repeat(90)),
        ] {
            let text = line.repeat((1 << 20) / line.len());
            let start = std::time::Instant::now();
            let outcome = scanner.findings(text.as_bytes());
            assert!(matches!(outcome, Ok(_) | Err(ScanError::TooCostly)), "searched, or refused");
            assert!(start.elapsed().as_secs() < 10, "{:?} for {line:?}", start.elapsed());
        }
    }

    #[test]
    fn a_table_may_be_drawn() {
        check(&[
            "+----+----------+\n| id | password |\n+----+----------+\n|  1 | «v7¦Lq2!xRt8» |\n|  2 | «h4Zk9¦pQmW2s» |\n+----+----------+\n",
            "+----------+\n| password |\n+----------+\n| «v7¦Lq2!xRt8» |\n+----------+\n",
            "| id | password |\n| --- | --- |\n| 1 | «v7¦Lq2!xRt8» |\n",
            "│ API_TOKEN │ «k3V9¦ZpLq2xRt8WbN5mYc» │\n",
            "<tr><td>DB_PASSWORD</td><td>«v7¦Lq2!xRt8»</td></tr>",
            "<tr><td class=\"e\">API_TOKEN </td><td class=\"v\">«k3V9¦ZpLq2xRt8WbN5mYc» </td></tr>",
        ]);
    }

    #[test]
    fn what_a_tool_puts_before_lines_does_not_hide_a_value() {
        check(&[
            "     1\ta:\n     2\t  password: |\n     3\t    «v7¦Lq2!xRt8»\n     4\tb: c\n",
            "     1\t- name: DB_PASSWORD\n     2\t  value: «v7¦Lq2!xRt8»\n     3\tb: c\n",
            "     1→- name: DB_PASSWORD\n     2→  value: «v7¦Lq2!xRt8»\n",
            "d.yaml:1:- name: DB_PASSWORD\nd.yaml:2:  value: «v7¦Lq2!xRt8»\nd.yaml:3:b: c\n",
            "d.yaml:1:- name: DB_PASSWORD\nd.yaml-2-  value: «v7¦Lq2!xRt8»\nd.yaml-3-b: c\n",
            "+  password: >-\n+    «v7¦Lq2!xRt8»\n+b: c\n",
        ]);
    }

    #[test]
    fn what_says_a_values_type_does_not_hide_it() {
        check(&[
            "  password: &db «v7¦Lq2!xRt8»\n  again: *db\n",
            "  password: !!str «v7¦Lq2!xRt8»\n",
            "  [\"DB_PASSWORD\"]=>\n  string(10) \"«v7¦Lq2!xRt8»\"\n",
            "%c = ( password => q{«v7¦Lq2!xRt8»}, host => 1 );",
            "{\n  \"API_TOKEN\": [\n    \"«k3V9¦ZpLq2xRt8WbN5mYc»\"\n  ]\n}",
            "db_password = <<EOF\n«v7¦Lq2!xRt8»\nEOF\n",
            "DB_PASSWORD=\\\n«v7¦Lq2!xRt8»\n",
            "Content-Disposition: form-data; name=\"db_password\"\r\n\r\n«v7¦Lq2!xRt8»\r\n--b--\r\n",
            "openssl enc -pass pass:«v7¦Lq2!xRt8» -in a\n",
        ]);
    }

    #[test]
    fn what_only_says_yes_or_no_may_stand_before_a_value() {
        check(&[
            "{\n  \"name\": \"DB_PASSWORD\",\n  \"slotSetting\": false,\n  \"value\": \"«v7¦Lq2!xRt8»\"\n}",
            "\"DB_PASSWORD\": {\n  \"isSecret\": null,\n  \"isReadOnly\": false,\n  \"value\": \"«v7¦Lq2!xRt8»\"\n}",
            "{\"fields\": [{\"label\": \"password\", \"value\": \"«v7¦Lq2!xRt8»\"}]}",
            "{\"name\": \"API token\", \"value\": \"«k3V9¦ZpLq2xRt8WbN5mYc»\", \"type\": 1}",
            "{\"Item\": {\"password\": {\"S\": \"«v7¦Lq2!xRt8»\"}, \"id\": {\"N\": \"1\"}}}",
            "\"Password\": {\n  \"_text\": \"«v7¦Lq2!xRt8»\"\n}",
            "variables:\n  DB_PASSWORD:\n    value: \"«v7¦Lq2!xRt8»\"\n    description: x\n",
        ]);
    }

    #[test]
    fn a_value_is_found_where_programs_print_names_and_values() {
        check(&[
            "1) \"host\"\n2) \"h\"\n3) \"db_password\"\n4) \"«v7¦Lq2!xRt8»\"\n",
            "s:11:\"db_password\";s:10:\"«v7¦Lq2!xRt8»\";",
            "db_password\n  Extra inputs are not permitted [type=extra_forbidden, input_value='«v7¦Lq2!xRt8»', input_type=str]\n",
            "COPY public.users (id, password, x) FROM stdin;\n1\t«v7¦Lq2!xRt8»\tb\n2\t«h4Zk9¦pQmW2s»\tb\n\\.\n",
            "AWS Secret Access Key [None]: «q8Zr2Wm4¦Tx6Lk9Pb3Nv8Yd5Kj7Hs1Fg6Qw+12345»\n",
            "dn: cn=a\nuserPassword:: «ZzdNR3BH¦bTAvaW0wZytISG1MOE12cDRubG5Z»\n",
            "**Password:** «v7¦Lq2!xRt8»\n",
            "&lt;password&gt;«v7¦Lq2!xRt8»&lt;/password&gt;",
            "next=https%3A%2F%2Fi%2F%3Fapi_token%3D«k3V9¦ZpLq2xRt8WbN5mYc»%26z%3D1",
            "std::string password{\"«v7¦Lq2!xRt8»\"};",
            "api_token=(\n    \"«k3V9¦ZpLq2xRt8WbN5mYc»\"\n),",
            "api_token: str = Field(default=\"«k3V9¦ZpLq2xRt8WbN5mYc»\")",
            "\u{feff}id,password\r\n1,«v7¦Lq2!xRt8»\r\n",
            ",password\n0,«v7¦Lq2!xRt8»\n",
        ]);
    }

    #[test]
    fn what_stands_around_a_value_stays() {
        check(&[
            "<password><![CDATA[«v7¦Lq2!xRt8»]]></password>",
            "<password><![CDATA[«v7¦Lq2!<xRt8»]]></password>",
            "password: “«v7¦Lq2!xRt8»”.",
            "password = ‹«v7¦Lq2!xRt8»›",
            "using api_token [«k3V9¦ZpLq2xRt8WbN5mYc»]\n",
            "{&quot;password&quot;:&quot;«v7¦Lq2!xRt8»&quot;}",
            "{&#34;password&#34;: &#34;«v7¦Lq2&xRt8»&#34;}",
        ]);
    }

    #[test]
    fn what_is_like_a_value_in_these_places_is_none() {
        check(&[
            "password: !Ref DbParameter2",
            "token = &lexer tokens2x",
            "| token | count |\n| --- | --- |\n| identifier_2 | 12 |\n",
            "tokens: [\n  \"first_token\",\n  \"token_2\"\n]",
            "<td>token</td><td>required</td>",
            "12:password:\n8080:h4Zk9¦pQmW2s:x y\n",
            "\"auth_public_key\": \"JkFMiudqVbXF¦ScWkig+Qy7ptAOy5DZHZ4TUGhZ8oZzU=\"",
            "password :: ByteString -> Maybe Text",
            "secret:\n  value: from-another-place\n",
            "token [12]: word",
            "{ label: \"Password\", value: \"password\" }, { label: \"API token\", value: \"api_token_2\" }",
            "\"password\": {\"text\": \"Forgot your password2?\", \"s\": \"large\"}",
            "password{color: red}",
        ]);
    }

    #[test]
    fn both_values_of_a_change_go() {
        check(&["  ~ password = \"«v7¦Lq2!xRt8»\" -> \"«h4Zk9¦pQmW2s»\"", "  - password = \"«v7¦Lq2!xRt8»\" -> null"]);
    }

    #[test]
    fn colours_and_blocks_do_not_hide_a_value() {
        check(&[
            "\u{1b}[36mpassword\u{1b}[0m: \u{1b}[33m«v7¦Lq2!xRt8»\u{1b}[0m",
            "\u{1b}[01;31m\u{1b}[KDB_PASSWORD\u{1b}[m\u{1b}[K=«v7¦Lq2!xRt8»\n",
            "\u{1b}[01;31m\u{1b}[KDD_API_KEY\u{1b}[m\u{1b}[K=«dd04753b¦7effb0405f6e07d1fc63f39f»\n",
            "password: |-\n  «v7¦Lq2!xRt8»\nother: x",
            "{\"stdout\": \"password: >-\\n  «v7¦Lq2!xRt8»\\nother: x\"}",
        ]);
    }

    #[test]
    fn the_whole_value_goes() {
        check(&[
            "password: \"«a!b#c%d^e&1+2=~@$*()»\"",
            "secret = «q8Zr2¦Wm4Tx6Lk9Pb3Nv8Yd5Kj7Hs1Fg6Qw==»",
            "secret: '«q8Zr2¦Wm4Tx6/Lk9Pb3+Nv8Yd5Kj7Hs1Fg6Q=»'",
        ]);
    }

    #[test]
    fn what_only_stands_near_a_name_is_no_value() {
        check(&[
            "md5(password) -> c02e021c9ff545ddf1b6817c6df64eed",
            "DETAIL:  Key (token)=(c02e021c9ff545ddf1b6817c6df64eed) already exists.",
            "const KEYWORDS = [\n  \"password\",\n  \"x509_v3_ext\",\n]",
            "authMethod=TOKEN_V2 traceId=16ea6c160f0b8ca4c9a41339cb607ae4",
            "{\"keys\": {\"PKCS1v15\": 1}}",
            "convert(\n    password,\n    pkcs12_iter,\n    evp_pkey,\n)",
        ]);
    }
}
