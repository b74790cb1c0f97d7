address="https://strategy.example.org/api/v1/objectives/?lang=en&fields=statement&limit=100"
while [ -n "$address" ]; do
  page=$(curl --silent --fail "$address") || exit 1
  echo "$page"
  address=$(echo "$page" | sed -n 's/.*"next":"\([^"]*\)".*/\1/p')
done
