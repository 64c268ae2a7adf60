-- Steps in JavaScript, in a sandbox: no Node is needed.

workflow = {
  name = "javascript",
  steps = {
    fetch = { language = "javascript", code = [[ ({users: [{name: "ada", age: 36}, {name: "ben", age: 17}]}) ]] },
    adults = {
      language = "javascript",
      depends_on = { "fetch" },
      code = [[ inputs.fetch.users.filter((user) => user.age >= 18).map((user) => user.name) ]],
    },
    shout = {
      language = "javascript",
      depends_on = { "adults" },
      code = [[ inputs.adults.map((name) => name.toUpperCase()).join(", ") ]],
    },
  },
}
