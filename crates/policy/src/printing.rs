//! Commands whose purpose is to print a credential, or to run whatever they are told with the environment they have.

use crate::argv::{Call, Role, without_version};
use crate::refusal::Condition;
use crate::tools::{Objection, among};

/// A line of the table.
struct Line {
    /// Names of the programs.
    tools: &'static str,
    /// These words in this order among those that are no options; none: the program itself. A `*` in a word stands for any letters.
    words: &'static str,
    /// Only with one of these options; none: in any case.
    with: &'static str,
    what: What,
    /// Where that is documented.
    source: &'static str,
}

#[derive(Clone, Copy)]
enum What {
    Prints,
    Runs,
}

use What::{Prints, Runs};

const fn line(tools: &'static str, words: &'static str, with: &'static str, what: What, source: &'static str) -> Line {
    Line { tools, words, with, what, source }
}

const COREUTILS: &str = "https://www.gnu.org/software/coreutils/manual/coreutils.html";
const SHELL: &str = "https://pubs.opengroup.org/onlinepubs/9799919799/utilities/sh.html";
const GH_AUTH: &str = "https://cli.github.com/manual/gh_auth";
const AWS: &str = "https://docs.aws.amazon.com/cli/latest/reference/";
const KUBECTL: &str = "https://kubernetes.io/docs/reference/kubectl/generated/";
const VAULT: &str = "https://developer.hashicorp.com/vault/docs/commands";

const TABLE: &[Line] = &[
    // The environment and the processes that have it.
    line("printenv env", "", "", Prints, COREUTILS),
    line("nohup nice timeout stdbuf chroot", "", "", Runs, COREUTILS),
    line("sh bash dash zsh ksh fish busybox toybox", "", "", Runs, SHELL),
    line("sudo doas su", "", "", Runs, "https://www.sudo.ws/docs/man/sudo.man/"),
    line("xargs find parallel", "", "", Runs, "https://www.gnu.org/software/findutils/manual/html_mono/find.html"),
    line(
        "setsid script watch strace ltrace gdb unshare nsenter",
        "",
        "",
        Runs,
        "https://man7.org/linux/man-pages/man1/setsid.1.html",
    ),
    line("eval exec command", "", "", Runs, SHELL),
    line(
        "python pypy ruby perl node deno bun php lua",
        "",
        "-c -e -p -r -E --eval --print --run",
        Runs,
        "https://docs.python.org/3/using/cmdline.html",
    ),
    // git
    line("git", "credential", "", Prints, "https://git-scm.com/docs/git-credential"),
    line("git", "credential-cache", "", Prints, "https://git-scm.com/docs/git-credential-cache"),
    line("git", "credential-store", "", Prints, "https://git-scm.com/docs/git-credential-store"),
    line("git", "config credential*", "", Prints, "https://git-scm.com/docs/git-config"),
    line("git", "config http.*extraheader", "", Prints, "https://git-scm.com/docs/git-config"),
    line(
        "git-credential git-credential-store git-credential-cache git-credential-manager",
        "",
        "",
        Prints,
        "https://git-scm.com/docs/gitcredentials",
    ),
    // GitHub, GitLab and others of their kind
    line("gh", "auth token", "", Prints, GH_AUTH),
    line("gh", "auth status", "-t --show-token", Prints, GH_AUTH),
    line("gh", "auth git-credential", "", Prints, GH_AUTH),
    line("gh", "auth login", "", Prints, GH_AUTH),
    line("gh", "auth refresh", "", Prints, GH_AUTH),
    line("gh", "auth setup-git", "", Prints, GH_AUTH),
    line(
        "glab",
        "auth status",
        "-t --show-token",
        Prints,
        "https://gitlab.com/gitlab-org/cli/-/tree/main/docs/source/auth",
    ),
    line("glab", "config get", "", Prints, "https://gitlab.com/gitlab-org/cli/-/tree/main/docs/source/config"),
    line("glab", "auth git-credential", "", Prints, "https://gitlab.com/gitlab-org/cli/-/tree/main/docs/source/auth"),
    line("hub", "api", "-i --include", Prints, "https://hub.github.com/hub-api.1.html"),
    // Clouds
    line("aws", "configure get", "", Prints, AWS),
    line("aws", "configure export-credentials", "", Prints, AWS),
    line("aws", "sts get-session-token", "", Prints, AWS),
    line("aws", "sts get-federation-token", "", Prints, AWS),
    line("aws", "sts assume-role", "", Prints, AWS),
    line("aws", "sts assume-role-with-web-identity", "", Prints, AWS),
    line("aws", "sts assume-role-with-saml", "", Prints, AWS),
    line("aws", "sso get-role-credentials", "", Prints, AWS),
    line("aws", "ecr get-login-password", "", Prints, AWS),
    line("aws", "ecr-public get-login-password", "", Prints, AWS),
    line("aws", "eks get-token", "", Prints, AWS),
    line("aws", "rds generate-db-auth-token", "", Prints, AWS),
    line("aws", "codeartifact get-authorization-token", "", Prints, AWS),
    line(
        "gcloud",
        "auth print-access-token",
        "",
        Prints,
        "https://cloud.google.com/sdk/gcloud/reference/auth/print-access-token",
    ),
    line(
        "gcloud",
        "auth print-identity-token",
        "",
        Prints,
        "https://cloud.google.com/sdk/gcloud/reference/auth/print-identity-token",
    ),
    line("gcloud", "auth print-refresh-token", "", Prints, "https://cloud.google.com/sdk/gcloud/reference/auth"),
    line(
        "gcloud",
        "auth application-default print-access-token",
        "",
        Prints,
        "https://cloud.google.com/sdk/gcloud/reference/auth/application-default/print-access-token",
    ),
    line(
        "gcloud",
        "config config-helper",
        "",
        Prints,
        "https://cloud.google.com/sdk/gcloud/reference/config/config-helper",
    ),
    line(
        "gcloud",
        "auth configure-docker",
        "",
        Prints,
        "https://cloud.google.com/sdk/gcloud/reference/auth/configure-docker",
    ),
    line("az", "account get-access-token", "", Prints, "https://learn.microsoft.com/cli/azure/account"),
    line("az", "acr login", "--expose-token -t", Prints, "https://learn.microsoft.com/cli/azure/acr"),
    line("doctl", "auth token", "", Prints, "https://docs.digitalocean.com/reference/doctl/reference/auth/"),
    line("fly flyctl", "auth token", "", Prints, "https://fly.io/docs/flyctl/auth-token/"),
    line("heroku", "auth:token", "", Prints, "https://devcenter.heroku.com/articles/heroku-cli-commands"),
    line("databricks", "auth token", "", Prints, "https://docs.databricks.com/dev-tools/cli/"),
    line("databricks", "auth env", "", Prints, "https://docs.databricks.com/dev-tools/cli/"),
    line("ibmcloud", "iam oauth-tokens", "", Prints, "https://cloud.ibm.com/docs/cli"),
    line("hf huggingface-cli", "auth token", "", Prints, "https://huggingface.co/docs/huggingface_hub/guides/cli"),
    // Containers
    line("kubectl oc", "config view", "--raw --flatten", Prints, KUBECTL),
    line("kubectl oc", "create token", "", Prints, KUBECTL),
    line("kubectl oc", "proxy", "", Runs, KUBECTL),
    line(
        "oc",
        "whoami",
        "-t --show-token",
        Prints,
        "https://docs.openshift.com/container-platform/latest/cli_reference/openshift_cli/developer-cli-commands.html",
    ),
    line(
        "docker podman",
        "run",
        "-e --env --env-file",
        Runs,
        "https://docs.docker.com/reference/cli/docker/container/run/",
    ),
    // Packages
    line("npm pnpm yarn", "token", "", Prints, "https://docs.npmjs.com/cli/commands/npm-token"),
    line("npm pnpm yarn", "exec", "", Runs, "https://docs.npmjs.com/cli/commands/npm-exec"),
    line("npx pnpx bunx uvx pipx", "", "", Runs, "https://docs.npmjs.com/cli/commands/npx"),
    // Infrastructure
    line("terraform tofu", "console", "", Runs, "https://developer.hashicorp.com/terraform/cli/commands/console"),
    // Keepers of credentials
    line("op", "read", "", Prints, "https://developer.1password.com/docs/cli/reference/commands/read/"),
    line("op", "item get", "", Prints, "https://developer.1password.com/docs/cli/reference/management-commands/item/"),
    line("op", "inject", "", Prints, "https://developer.1password.com/docs/cli/reference/commands/inject/"),
    line("op", "run", "", Runs, "https://developer.1password.com/docs/cli/reference/commands/run/"),
    line(
        "op",
        "document get",
        "",
        Prints,
        "https://developer.1password.com/docs/cli/reference/management-commands/document/",
    ),
    line("pass gopass", "", "", Prints, "https://git.zx2c4.com/password-store/about/"),
    line("bw rbw", "", "", Prints, "https://bitwarden.com/help/cli/"),
    line("bws", "secret", "", Prints, "https://bitwarden.com/help/secrets-manager-cli/"),
    line("bws", "run", "", Runs, "https://bitwarden.com/help/secrets-manager-cli/"),
    line("keepassxc-cli", "", "", Prints, "https://keepassxc.org/docs/"),
    line("secret-tool", "", "", Prints, "https://manpages.debian.org/secret-tool"),
    line("security", "", "", Prints, "https://support.apple.com/guide/keychain-access/"),
    line("keyctl", "", "", Prints, "https://man7.org/linux/man-pages/man1/keyctl.1.html"),
    line("vault bao", "read", "", Prints, VAULT),
    line("vault bao", "kv get", "", Prints, VAULT),
    line("vault bao", "print token", "", Prints, VAULT),
    line("vault bao", "token", "", Prints, VAULT),
    line("vault bao", "login", "", Prints, VAULT),
    line("doppler", "secrets", "", Prints, "https://docs.doppler.com/docs/cli"),
    line("doppler", "configure", "", Prints, "https://docs.doppler.com/docs/cli"),
    line("doppler", "run", "", Runs, "https://docs.doppler.com/docs/cli"),
    line("infisical", "secrets", "", Prints, "https://infisical.com/docs/cli/overview"),
    line("infisical", "export", "", Prints, "https://infisical.com/docs/cli/overview"),
    line("infisical", "run", "", Runs, "https://infisical.com/docs/cli/overview"),
    line("akeyless", "", "", Prints, "https://docs.akeyless.io/docs/cli"),
    line("sops", "", "-d --decrypt", Prints, "https://getsops.io/docs/"),
    line("sops", "decrypt", "", Prints, "https://getsops.io/docs/"),
    line("sops", "exec-env", "", Runs, "https://getsops.io/docs/"),
    line("age", "", "-d --decrypt", Prints, "https://age-encryption.org/"),
    line("gpg gpg2", "", "", Prints, "https://www.gnupg.org/documentation/manuals/gnupg/"),
];

/// Why a command line is never lent anything, if it is one of these.
pub(crate) fn objection(call: &Call<'_>) -> Option<Objection> {
    let name = without_version(&call.name);
    let line = TABLE.iter().find(|line| among(line.tools, name) && fits(line, call))?;
    let gap = |list: &str| if list.is_empty() { String::new() } else { format!(" {list}") };
    let option = line.with.split(' ').next_back().unwrap_or_default();
    let shown = format!("`{name}{}{}`", gap(line.words), gap(option));
    let (condition, why) = match line.what {
        Prints => (Condition::Prints, format!("{shown} prints credentials, or writes them where others read them")),
        Runs => (Condition::Escapes, format!("{shown} runs whatever it is told, which would have the credential too")),
    };
    Some(Objection { condition, why, source: line.source, is_incomplete: false })
}

fn fits(line: &Line, call: &Call<'_>) -> bool {
    let mut wanted = line.words.split(' ').filter(|word| !word.is_empty()).peekable();
    // Which options have values is not known of every tool, so the words need not stand side by side.
    let has_commands = call.tool.is_some_and(|tool| !tool.commands.is_empty());
    for (place, operand) in call.operands().enumerate() {
        if wanted.next_if(|word| is_word(word, operand)).is_none() && has_commands && place == 0 {
            break;
        }
    }
    wanted.peek().is_none() && (line.with.is_empty() || line.with.split(' ').any(|option| has(call, option)))
}

fn is_word(wanted: &str, word: &[u8]) -> bool {
    match wanted.split_once('*') {
        None => wanted.as_bytes() == word,
        // The names of settings are the same in either case.
        Some((start, end)) => {
            let word = word.to_ascii_lowercase();
            word.len() >= start.len() + end.len()
                && word.starts_with(start.as_bytes())
                && word.ends_with(end.as_bytes())
        }
    }
}

/// Whether an option is given, in whichever spelling: short ones together, long ones shortened or with a value.
fn has(call: &Call<'_>, option: &str) -> bool {
    let options = call.words.iter().filter(|word| matches!(word.role, Role::Harmless | Role::Unnamed));
    let mut words = options.map(|word| word.bytes);
    match option.strip_prefix("--") {
        Some(_) => words.any(|word| {
            let name = word.split(|b| *b == b'=').next().unwrap_or_default();
            name.len() > 2 && option.as_bytes().starts_with(name)
        }),
        None => words.any(|word| !word.starts_with(b"--") && word.contains(&option.as_bytes()[1])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_says_where_it_comes_from() {
        for line in TABLE {
            assert!(line.source.starts_with("https://") && !line.tools.is_empty(), "{} {}", line.tools, line.words);
            assert!(line.with.split(' ').all(|option| option.is_empty() || option.starts_with('-')), "{}", line.with);
        }
    }
}
