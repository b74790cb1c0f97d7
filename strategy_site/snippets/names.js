const answer = await fetch("https://strategy.example.org/api/v1/offices/?lang=es&fields=name,url&limit=200");
for (const office of (await answer.json()).results) {
  console.log(office.name, office.url);
}
