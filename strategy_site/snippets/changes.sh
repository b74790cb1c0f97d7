api="https://strategy.example.org/api/v1"
if [ ! -f token ]; then # the first time: everything
  curl --silent --fail "$api/exports/" | sed -n 's/^{"token":"\([^"]*\)".*/\1/p' > token
  curl --silent --fail --remote-name "$api/exports/$(cat token)/all.zip"
fi
while true; do # every time: what changed since, page by page
  page=$(curl --silent --fail "$api/changes/?since=$(cat token)&include=records&limit=200") || exit 1 # 410: delete the file token and begin anew
  echo "$page"
  echo "$page" | sed -n 's/^{"token":"\([^"]*\)".*/\1/p' > token
  case $page in *'"has_more":true'*) ;; *) exit 0 ;; esac
done
