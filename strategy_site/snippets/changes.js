const api = "https://strategy.example.org/api/v1/";
const records = new Map();
const exported = await (await fetch(api + "exports/")).json();
for (const file of exported.files.filter((file) => file.media_type === "application/x-ndjson")) {
  const lines = (await (await fetch(file.url)).text()).split("\n").filter(Boolean);
  for (const record of lines.map((line) => JSON.parse(line))) {
    records.set(record.id, record);
  }
}
let page = { token: exported.token, has_more: true };
while (page.has_more) {
  page = await (await fetch(`${api}changes/?since=${page.token}&include=records`)).json();
  for (const change of page.results) {
    change.record ? records.set(change.id, change.record) : records.delete(change.id);
  }
}
console.log(records.size, "records, at token", page.token);
