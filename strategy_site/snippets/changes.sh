token=$(curl --silent --fail "https://strategy.example.org/api/v1/exports/" | sed 's/.*"token":"\([^"]*\)".*/\1/')
curl --silent --fail --remote-name "https://strategy.example.org/api/v1/exports/$token/all.zip"
curl --silent --fail "https://strategy.example.org/api/v1/changes/?since=$token&include=records"
