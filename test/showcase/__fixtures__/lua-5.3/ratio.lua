-- What is a fifth of ten? It depends on the year.
local file = assert(io.open("ratio.txt", "w"))
file:write("10 / 5 = " .. tostring(10 / 5) .. "\n")
file:write("2^53 = " .. tostring(2 ^ 53) .. "\n")
file:close()
