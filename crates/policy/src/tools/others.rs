//! Tools of which only the options are known that send what they are lent to another place.

use super::{Options, Refused, Tool, flag, nothing_more, with};

const ADDRESS: &str =
    "names the server that gets the credential; leave it out, or set it in your own configuration of the tool";
const UNPROVED: &str = "lets any server pass for the right one; leave it out";
const RUNS: &str = "runs another program, which would have the credential too; leave it out";

const fn tool(names: &'static str, source: &'static str, refused: &'static [Refused]) -> Tool {
    Tool {
        names,
        source,
        general: Options { refused, ..Options::NONE },
        commands: &[],
        other_commands: None,
        rest_is_harmless: false,
        abbreviates: true,
        inspect: nothing_more,
    }
}

pub(super) const TOOLS: &[Tool] = &[
    tool(
        "aws",
        "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html",
        &[with("--endpoint-url", ADDRESS), flag("--no-verify-ssl", UNPROVED), with("--ca-bundle", UNPROVED)],
    ),
    tool(
        "kubectl oc",
        "https://kubernetes.io/docs/reference/kubectl/kubectl/",
        &[
            with("-s --server --kubeconfig --tls-server-name", ADDRESS),
            flag("--insecure-skip-tls-verify", UNPROVED),
            with("--certificate-authority", UNPROVED),
        ],
    ),
    tool(
        "gcloud",
        "https://cloud.google.com/sdk/gcloud/reference",
        &[
            with("--api-endpoint-overrides --access-token-file --flags-file", ADDRESS),
            flag("--log-http", "prints what is sent; leave it out"),
        ],
    ),
    tool(
        "az",
        "https://learn.microsoft.com/cli/azure/reference-index",
        &[flag("--debug", "prints what is sent; leave it out")],
    ),
    tool(
        "npm pnpm yarn",
        "https://docs.npmjs.com/cli/using-npm/config",
        &[
            with("--registry --userconfig --globalconfig --proxy --https-proxy", ADDRESS),
            with("--script-shell --node-options", RUNS),
        ],
    ),
    tool(
        "docker podman",
        "https://docs.docker.com/reference/cli/docker/",
        &[with("-H --host --config --context", ADDRESS)],
    ),
    tool(
        "twine",
        "https://twine.readthedocs.io/",
        &[with("--repository-url --repository --config-file --cert", ADDRESS)],
    ),
    tool("cargo", "https://doc.rust-lang.org/cargo/commands/cargo.html", &[with("--index --config", ADDRESS)]),
    tool("glab", "https://gitlab.com/gitlab-org/cli/-/tree/main/docs/source", &[with("--hostname", ADDRESS)]),
];
