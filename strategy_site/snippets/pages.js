let address = "https://strategy.example.org/api/v1/objectives/?lang=en&fields=statement&limit=100";
while (address) {
  const page = await (await fetch(address)).json();
  for (const objective of page.results) {
    console.log(objective.statement);
  }
  address = page.next;
}
