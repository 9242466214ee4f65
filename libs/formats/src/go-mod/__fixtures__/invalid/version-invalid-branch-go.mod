module example.org/a

require example.org/b master
