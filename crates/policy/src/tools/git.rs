//! git: only what talks to a server gets a credential, and only where git's own options cannot turn it to something else.

use super::{Command, Objection, Options, Tool, flag, with};
use crate::argv::{Call, Role};
use crate::refusal::Condition;

const SOURCE: &str = "https://git-scm.com/docs/git";
const CONFIG: &str = "https://git-scm.com/docs/git-config";
const ADDRESSES: &str = "https://git-scm.com/docs/gitremote-helpers";

const ELSEWHERE: &str =
    "leads git to another repository than that of the folder by which the call is judged; change into the folder first";
const OTHER_END: &str = "names the program that answers on the other end; leave it out";
const HOOKS: &str = "brings along programs that git runs; leave it out";

/// What fetching understands.
macro_rules! fetching {
    ($plain:literal, $valued:literal, $named:literal) => {
        Options {
            plain: concat!(
                "-v --verbose -q --quiet --progress -4 --ipv4 -6 --ipv6 -a --append -f --force -t --tags -p --prune -k --keep \
                 --all --atomic --dry-run --set-upstream --unshallow --update-shallow --show-forced-updates --recurse-submodules ",
                $plain
            ),
            valued: concat!(
                "--depth --deepen --shallow-since --shallow-exclude -o --server-option --negotiation-tip --refmap --filter ",
                $valued
            ),
            named: $named,
            refused: &[with("--upload-pack", OTHER_END)],
        }
    };
}

pub(super) const GIT: Tool = Tool {
    names: "git",
    source: SOURCE,
    general: Options {
        plain: "-p --paginate -P --no-pager --no-replace-objects --no-lazy-fetch --no-optional-locks --no-advice \
                --literal-pathspecs --glob-pathspecs --noglob-pathspecs --icase-pathspecs",
        valued: "-c",
        named: "--attr-source",
        refused: &[
            with("-C", ELSEWHERE),
            with("--git-dir", ELSEWHERE),
            with("--work-tree", ELSEWHERE),
            with("--namespace", ELSEWHERE),
            flag("--bare", ELSEWHERE),
            with("--super-prefix", ELSEWHERE),
            flag("--exec-path", "names the folder of the programs that git runs; leave it out"),
            with("--config-env", "takes a setting from where the policy cannot see it; leave it out"),
        ],
    },
    commands: &[
        Command {
            names: "push",
            options: Options {
                plain: "-v --verbose -q --quiet --progress -4 --ipv4 -6 --ipv6 -f --force -u --set-upstream -d --delete -n \
                        --dry-run --all --branches --mirror --tags --follow-tags --porcelain --prune --thin --atomic \
                        --verify --force-with-lease --force-if-includes",
                valued: "-o --push-option --repo",
                named: "--recurse-submodules --signed",
                refused: &[with("--receive-pack --exec", OTHER_END)],
            },
        },
        Command {
            names: "fetch",
            options: fetching!(
                "-n -m --multiple -P --prune-tags -u --update-head-ok --porcelain --write-fetch-head --refetch \
                 --auto-maintenance --auto-gc --write-commit-graph --prefetch --stdin",
                "-j --jobs",
                ""
            ),
        },
        Command {
            names: "pull",
            options: fetching!(
                "-n --stat --log --squash --commit --ff --ff-only --autostash --allow-unrelated-histories --signoff \
                 --verify -r --rebase --verify-signatures",
                "-j --jobs --cleanup",
                "-s --strategy -X --strategy-option -S --gpg-sign -e --edit"
            ),
        },
        Command {
            names: "clone",
            options: Options {
                plain: "-v --verbose -q --quiet --progress -4 --ipv4 -6 --ipv6 -n --no-checkout --checkout --bare --mirror \
                        --reject-shallow --single-branch --tags --recurse-submodules --recursive --shallow-submodules \
                        --remote-submodules --sparse --also-filter-submodules --dissociate",
                valued: "-b --branch -o --origin --depth --shallow-since --shallow-exclude -j --jobs --filter --server-option",
                named: "--reference --reference-if-able --separate-git-dir --ref-format",
                refused: &[
                    with("-u --upload-pack", OTHER_END),
                    with("--template", HOOKS),
                    with("-c --config", "sets what git will do; leave it out"),
                    with("--bundle-uri", "fetches from another address; leave it out"),
                ],
            },
        },
        Command {
            names: "ls-remote",
            options: Options {
                plain: "-q --quiet -t --tags -b --branches -h --heads --refs --exit-code --symref --get-url",
                valued: "--sort -o --server-option",
                named: "",
                refused: &[with("--upload-pack --exec", OTHER_END)],
            },
        },
        Command {
            names: "remote",
            options: Options { plain: "-v --verbose -p --prune -n --dry-run -a --auto -d --delete", ..Options::NONE },
        },
        Command {
            names: "submodule",
            options: Options {
                plain: "-q --quiet --init --recursive --remote --force -f --progress --single-branch --recommend-shallow -N \
                        --no-fetch --checkout",
                valued: "--depth -j --jobs --filter",
                ..Options::NONE
            },
        },
        Command {
            names: "lfs",
            options: Options {
                plain: "--all --dry-run -d -p --prune",
                valued: "-I --include -X --exclude",
                ..Options::NONE
            },
        },
    ],
    other_commands: Some("asks no server for anything, or may be an alias for whatever the repository says"),
    rest_is_harmless: false,
    abbreviates: true,
    inspect,
};

/// Of these commands only some talk to a server, and some run what they are told.
const PARTS: &[(&str, &[&str])] = &[
    ("remote", &["update", "prune", "show", "set-head"]),
    ("submodule", &["update"]),
    ("lfs", &["push", "fetch", "pull", "clone", "ls-files"]),
];

/// Settings that say how git looks and what it does by default; every other one may run or redirect something.
const SETTINGS: &[&str] = &[
    "user.name",
    "user.email",
    "push.default",
    "push.followtags",
    "push.autosetupremote",
    "pull.rebase",
    "pull.ff",
    "fetch.prune",
    "fetch.prunetags",
    "init.defaultbranch",
    "protocol.version",
    "core.quotepath",
    "core.autocrlf",
    "gc.auto",
    "maintenance.auto",
    "http.postbuffer",
    "http.lowspeedlimit",
    "http.lowspeedtime",
    "http.version",
    "rebase.autostash",
    "merge.ff",
];
const SETTING_GROUPS: &[&str] = &["advice.", "color."];

fn inspect(call: &Call<'_>) -> Option<Objection> {
    for setting in general_settings(call) {
        let name = setting.split(|b| *b == b'=').next().unwrap_or_default();
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let harmless = SETTINGS.contains(&name.as_str())
            || SETTING_GROUPS.iter().any(|group| name.strip_prefix(group).is_some_and(|key| !key.contains('.')));
        if !harmless {
            let why = "`git -c` sets what may make git run another program or send elsewhere; leave it out, or put it into \
                       your own configuration of git";
            return Some(Objection::escapes(CONFIG, why));
        }
    }
    let command = call.command?;
    let mut operands = call.operands().skip(1);
    if let Some((_, parts)) = PARTS.iter().find(|(name, _)| *name == command.names) {
        let part = operands.next();
        return (!part.is_some_and(|part| parts.iter().any(|known| known.as_bytes() == part))).then(|| {
            let why = format!("`git {}` needs a credential for {} alone", command.names, parts.join(", "));
            Objection { condition: Condition::Needs, is_incomplete: part.is_none(), ..Objection::escapes(SOURCE, why) }
        });
    }
    let named = call.values(None, "--repo");
    let all: Vec<&[u8]> = operands.collect();
    if all.iter().chain(&named).any(|word| runs_helper(word)) {
        let why =
            "an address `NAME::…` makes git run a program of that name; write an https address or a remote's name";
        return Some(Objection::escapes(ADDRESSES, why));
    }
    let address = all.first().copied().into_iter().chain(named).find(|word| is_other_address(word))?;
    let why = if address.starts_with(b"http:") {
        "an http address sends the credential in clear; write https"
    } else {
        "git asks for a credential for https addresses alone, and for others may run a program; write an https address or a \
         remote's name"
    };
    Some(Objection::escapes(ADDRESSES, why))
}

/// The values of `-c` before the command.
fn general_settings<'a>(call: &Call<'a>) -> impl Iterator<Item = &'a [u8]> {
    let before = call.words.iter().take_while(|word| word.role != Role::Operand);
    before.filter(|word| word.role == Role::Value).map(|word| word.bytes)
}

/// `ext::sh -c …`: git runs `git-remote-ext`.
fn runs_helper(word: &[u8]) -> bool {
    let name = word.iter().take_while(|b| b.is_ascii_alphanumeric() || b"+-._".contains(b)).count();
    name > 0 && word[name..].starts_with(b"::")
}

/// An address, but not one that begins with `https://`.
fn is_other_address(word: &[u8]) -> bool {
    let colon = word.iter().position(|b| *b == b':');
    let slash = word.iter().position(|b| *b == b'/');
    let is_address = colon.is_some_and(|colon| slash.is_none_or(|slash| colon < slash));
    is_address && !word.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"https://"))
}
