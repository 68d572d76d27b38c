import{a,b}from"./shared-43EGZZ4O.js";import"./shared-BGA4KVT3.js";export{a as Refused,b as store};
