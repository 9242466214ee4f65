-- What is a fifth of ten, and what is one more than 2^53? It depends on the year: 5.3 knows whole numbers, 5.1 does not.
local file = assert(io.open("ratio.txt", "w"))
file:write("10 / 5 = " .. tostring(10 / 5) .. "\n")
file:write("9007199254740993 - 9007199254740992 = " .. tostring(9007199254740993 - 9007199254740992) .. "\n")
file:close()
