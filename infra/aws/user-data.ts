export type StartUp = {
  /** The zip of the bundled server, on the instance. */
  readonly archive: string;
  readonly region: string;
  readonly logGroup: string;
  readonly tokenKeysArn: string;
  readonly managementSecretArn: string;
  readonly managementPort: number;
  readonly environment: Readonly<Record<string, string>>;
};

const home = "/opt/encore";
const environmentFile = "/etc/encore.env";

/**
 * Makes a server node of a new Amazon Linux 2023: Node.js, the code, a service that systemd keeps running as a user of
 * its own and that drains at SIGTERM. Keys are fetched at boot and lie in a file that root alone reads.
 */
export function startCommands(start: StartUp): string[] {
  const { archive, region, tokenKeysArn, managementSecretArn, managementPort } = start;
  const secret = (arn: string) =>
    `aws secretsmanager get-secret-value --region ${region} --secret-id ${arn} --query SecretString --output text`;
  return [
    "set -euo pipefail",
    "dnf install -y nodejs24 unzip jq amazon-cloudwatch-agent",
    "useradd --system --no-create-home encore",
    `mkdir -p ${home} && unzip -q ${archive} -d ${home}`,
    `install -m 600 /dev/null ${environmentFile}`,
    ...Object.entries(start.environment).map(
      ([name, value]) => `echo '${name}=${value}' >> ${environmentFile}`,
    ),
    `echo "TOKEN_PUBLIC_KEYS='$(${secret(tokenKeysArn)} | jq -r .publicKeys)'" >> ${environmentFile}`,
    `echo "MANAGEMENT_SECRET=$(${secret(managementSecretArn)})" >> ${environmentFile}`,
    "TOKEN=$(curl -sX PUT http://169.254.169.254/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 60')",
    'ADDRESS=$(curl -s http://169.254.169.254/latest/meta-data/local-ipv4 -H "X-aws-ec2-metadata-token: $TOKEN")',
    `echo "MANAGEMENT_ADDRESS=http://$ADDRESS:${managementPort}" >> ${environmentFile}`,
    ...file("/etc/systemd/system/encore.service", unit),
    ...file("/opt/aws/amazon-cloudwatch-agent/etc/encore.json", agent(start.logGroup)),
    "systemctl daemon-reload && systemctl enable --now encore",
    "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/opt/aws/amazon-cloudwatch-agent/etc/encore.json",
  ];
}

const file = (path: string, content: string): string[] => [`cat > ${path} <<'END'\n${content}\nEND`];

const unit = `[Unit]
Description=Encore
Wants=network-online.target
After=network-online.target

[Service]
User=encore
EnvironmentFile=${environmentFile}
ExecStart=/usr/bin/node-24 ${home}/main.mjs
Restart=always
RestartSec=1
TimeoutStopSec=30
LimitNOFILE=65536
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
StandardOutput=append:/var/log/encore.log
StandardError=inherit

[Install]
WantedBy=multi-user.target`;

const agent = (logGroup: string): string =>
  JSON.stringify({
    logs: {
      logs_collected: {
        files: {
          collect_list: [
            { file_path: "/var/log/encore.log", log_group_name: logGroup, log_stream_name: "{instance_id}" },
          ],
        },
      },
    },
  });
